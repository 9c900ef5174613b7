/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPEED_BUMP_UPDATE_H
#define SPEED_BUMP_UPDATE_H

struct sb_command;

int sb_update(const struct sb_command *command);

#endif

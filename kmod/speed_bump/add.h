/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPEED_BUMP_ADD_H
#define SPEED_BUMP_ADD_H

struct sb_command;

int sb_add(const struct sb_command *command);

#endif

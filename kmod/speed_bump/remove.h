/* SPDX-License-Identifier: GPL-2.0 */
/* Taking targets out of the table, and what they hold apart. */
#ifndef SPEED_BUMP_REMOVE_H
#define SPEED_BUMP_REMOVE_H

struct sb_command;
struct sb_lease;
struct sb_target;

int sb_remove(const struct sb_command *command);
void sb_remove_target(struct sb_target *target);
void sb_remove_owned(struct sb_lease *lease);
void sb_remove_all(void);
void sb_remove_ties(struct sb_target *target);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Sites: where the kernel's uprobes call. */
#ifndef SPEED_BUMP_SITE_H
#define SPEED_BUMP_SITE_H

struct sb_target;

void sb_site_init_all(struct sb_target *target);
int sb_site_register_all(struct sb_target *target);
void sb_site_unregister_all(struct sb_target *target);
int sb_site_refilter_all(struct sb_target *target);

#endif

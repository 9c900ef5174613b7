/* SPDX-License-Identifier: GPL-2.0 */
/* The module's state as text (docs/speed_bump.md). */
#ifndef SPEED_BUMP_REPORT_H
#define SPEED_BUMP_REPORT_H

struct sb_text;

void sb_report_targets(struct sb_text *text);
void sb_report_histograms(struct sb_text *text);
void sb_report_scopes(struct sb_text *text);
void sb_report_stats(struct sb_text *text);

#endif

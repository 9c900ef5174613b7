/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of watched processes: forks, programs executed, ends. */
#ifndef TRACER_NEWS_H
#define TRACER_NEWS_H

int tracer_news_start(void);
void tracer_news_stop(void);

#endif

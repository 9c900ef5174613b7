/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's news of processes: tracepoints whose symbols it does not export, found by name. */
#ifndef SB_NEWS_H
#define SB_NEWS_H

#include <linux/errno.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

/**
 * struct sb_news - something that is told
 * @name: of the tracepoint
 * @probe: called with NULL and what the tracepoint tells, with preemption off
 * @tracepoint: found
 */
struct sb_news {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
};

/**
 * struct sb_news_list - what is told together
 * @news: each
 * @count: how many
 */
struct sb_news_list {
	struct sb_news *news;
	unsigned int count;
};

static inline void sb_news_match(struct tracepoint *tracepoint, void *context)
{
	struct sb_news_list *list = context;
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		if (!strcmp(tracepoint->name, list->news[i].name))
			list->news[i].tracepoint = tracepoint;
	}
}

/**
 * sb_news_stop() - nothing is told any more when this returns
 * @list: what was told
 */
static inline void sb_news_stop(struct sb_news_list *list)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		tracepoint_probe_unregister(list->news[i].tracepoint, list->news[i].probe, NULL);
	tracepoint_synchronize_unregister();
}

/**
 * sb_news_start() - have things told from now on
 * @list: what
 *
 * Return: 0, -ENOENT when the kernel has no such tracepoints, or what their registration failed
 * with.
 */
static inline int sb_news_start(struct sb_news_list *list)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(sb_news_match, list);
	for (i = 0; i < list->count; i++) {
		struct sb_news *news = &list->news[i];

		err = -ENOENT;
		if (news->tracepoint)
			err = tracepoint_probe_register(news->tracepoint, news->probe, NULL);
		if (err) {
			struct sb_news_list started = { .news = list->news, .count = i };

			sb_news_stop(&started);
			return err;
		}
	}
	return 0;
}

#endif

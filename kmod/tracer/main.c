// SPDX-License-Identifier: GPL-2.0
/* Kernel operations counted per process (docs/tracer.md). */
#include <linux/module.h>

#include "arming.h"
#include "counts.h"
#include "device.h"
#include "listing.h"
#include "process.h"
#include "session.h"
#include "symbols.h"

static int __init tracer_init(void)
{
	int err;

	tracer_session_init(&tracer_list);
	err = tracer_symbols_init();
	if (err)
		return err;
	err = tracer_listing_init();
	if (err)
		return err;
	err = tracer_device_init();
	if (err)
		goto out_listing;
	return 0;

out_listing:
	tracer_listing_exit();
	return err;
}

static void __exit tracer_exit(void)
{
	/* Nobody has the device open: nothing comes in any more. */
	tracer_device_exit();
	tracer_listing_exit();
	tracer_session_close(&tracer_list);
	tracer_arming_stop();
	tracer_process_wait_for_all();
	tracer_counts_drain();
}

module_init(tracer_init);
module_exit(tracer_exit);

MODULE_DESCRIPTION("Kernel operations counted per process");
MODULE_LICENSE("GPL");
MODULE_VERSION(SB_VERSION);

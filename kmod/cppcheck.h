/* SPDX-License-Identifier: GPL-2.0 */
/* Loops of the kernel's headers, for cppcheck, which does not read those. */
#define SB_ANY(entry)					for (entry = sb_any(); entry; entry = sb_any())
#define list_for_each_entry(entry, head, member)		SB_ANY(entry)
#define list_for_each_entry_safe(entry, next, head, member)	SB_ANY(entry)
#define hlist_for_each_entry_safe(entry, next, head, member)	SB_ANY(entry)
#define hash_for_each_rcu(table, bucket, entry, member)		SB_ANY(entry)
#define hash_for_each_possible(table, entry, member, key)	SB_ANY(entry)
#define hash_for_each_possible_rcu(table, entry, member, ...)	SB_ANY(entry)
#define hash_for_each_possible_safe(table, entry, next, ...)	SB_ANY(entry)
#define xa_for_each(array, index, entry)			SB_ANY(entry)
#define for_each_process(task)					SB_ANY(task)
#define for_each_thread(leader, task)				SB_ANY(task)
#define for_each_possible_cpu(cpu)				SB_ANY(cpu)

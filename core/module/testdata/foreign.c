/* SPDX-License-Identifier: Apache-2.0 */
/* foreign.c - a sound library that is no plugin. */

__attribute__((visibility("default"))) int foreign(void);

int
foreign(void)
{
	return 1;
}

# plugins/hook_lua/local.mk - this folder's part of the build.

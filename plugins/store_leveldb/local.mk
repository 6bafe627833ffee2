# plugins/store_leveldb/local.mk - this folder's part of the build.

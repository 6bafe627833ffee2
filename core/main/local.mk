# core/main/local.mk - this folder's part of the build.

# core/security/local.mk - this folder's part of the build.

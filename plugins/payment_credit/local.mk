# plugins/payment_credit/local.mk - this folder's part of the build.

// What bin/spdk-bindings shows to jextract.
#include <spdk/env.h>
#include <spdk/log.h>
#include <spdk/nvme.h>

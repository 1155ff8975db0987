/** The bytes of NVMe and NVMe/TCP, as initiator and target both read and write them. */
@NullMarked
package io.stria.nvme;

import org.jspecify.annotations.NullMarked;

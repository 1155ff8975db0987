package io.stria.runtime.sim;

/**
 * What the simulated world does to the code that runs in it, in prose. A class without members: the
 * code beside it does what is said here, and its tests enumerate it.
 *
 * <h2>Time</h2>
 *
 * Time stands still while code runs. Events due at the same moment happen in an order that the seed
 * draws. Each host has its own monotonic clock, which begins anywhere, drifts as told ({@link
 * SimulatedHost#clockDriftPpm}) and begins anew at a power cut. A paused host ({@link
 * SimulatedHost#pause}) runs no code while its disks and clock go on.
 *
 * <h2>Disks</h2>
 *
 * <ul>
 *   <li>Requests in flight complete in any order. A write takes effect block by block at any time
 *       up to its completion: a read that overlaps one in flight sees any of its device blocks, and
 *       what was seen once is seen again until the power is cut. Two overlapping writes in flight
 *       land in either order.
 *   <li>The memory of a read holds garbage until its completion; memory of a write that changes in
 *       flight is an assertion error.
 *   <li>A completed write is visible to everybody. It survives a power cut if it was durable, or
 *       completed before the start of a flush that has completed, or if the device has power-loss
 *       protection. Otherwise each device block (512 or 4096 bytes) of it survives or not by
 *       itself: the block is left in any state it had since the last one known to be safe. Some
 *       power cuts take all of that, some nothing. A device writes out the oldest data unasked when
 *       its cache is full.
 *   <li>A write in flight at a power cut, a durable one too, survives in any part of its device
 *       blocks; no device block is ever torn within.
 *   <li>When a process dies without a power cut, its completed writes all stay (and stay
 *       unflushed). Those in flight land later, or in part at once, or never. A process that takes
 *       the exclusive lock of the device afterwards finds them all through; one that does not may
 *       see them land late.
 *   <li>Discarded ranges read, page by page of 4 KiB, as zeros or as before, and a power cut may
 *       bring back what was there.
 *   <li>Faults switched on by hand: EIO on ranges (a failed write leaves any part of its blocks),
 *       bit rot, a misdirected or lost write that is acknowledged, slowness, hanging, roll-back to
 *       an older image, disks moved to another host ({@link DiskFaults}, {@link SimulatedDisk}).
 * </ul>
 *
 * Not simulated: short reads and writes, a flush that fails, a flush that lies.
 */
public final class FaultModel {
    private FaultModel() {}
}

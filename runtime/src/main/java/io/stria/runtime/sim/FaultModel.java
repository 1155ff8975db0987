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
 *   <li>Faults switched on by hand: EIO on ranges or everywhere (a failed write leaves any part of
 *       its blocks; what cannot be read can be once it is written), a failed flush, bit rot, a
 *       misdirected or lost write that is acknowledged, slowness, hanging, roll-back to an older
 *       image, a new, empty disk in its place, disks moved to another host ({@link DiskFaults},
 *       {@link SimulatedDisk}).
 * </ul>
 *
 * Not simulated: short reads and writes, a flush that lies.
 *
 * <h2>Network</h2>
 *
 * Streams behave as TCP does on Linux, seen from above the socket:
 *
 * <ul>
 *   <li>Bytes of a connection arrive in order, once, cut at random places ({@link
 *       LinkConfig#splitChance}), each segment after its own latency and after the sending host's
 *       earlier bytes have left. What one poll queued leaves with the next. A lost segment holds up
 *       what follows for a retransmission.
 *   <li>A handler is offered at most 64 KiB at a time, at an odd address that is garbage after the
 *       call. A sender stops when its send ring and the peer's window are full.
 *   <li>A path that is cut, in one direction or both ({@link SimulatedNetwork#cutOneWay}), holds
 *       bytes, acknowledgements and connects back; nobody hears of it. After the path is healed
 *       they go on at the next retransmission, whose waits double from 200 ms to 120 s: a long cut
 *       is noticed for about as long again. Bytes that are not acknowledged within 924 seconds end
 *       the connection at the sender with ETIMEDOUT; the peer hears of it only when it sends. An
 *       idle connection notices nothing, ever: keep-alive is for the layers above.
 *   <li>Closing a stream sends what the window takes and then an end; if received bytes were left
 *       unread, a reset. What reaches a closed stream is answered with a reset. A reset may or may
 *       not overtake bytes that had arrived and were not offered yet.
 *   <li>When a process is killed, its kernel closes its sockets just so; what had not been polled
 *       is never sent. When a host loses power, nobody is told: peers wait, and what they send is
 *       answered with a reset only after the host has been started again.
 *   <li>A connect is refused at once where the host is up and nobody listens; tried again after 1,
 *       3, 7, ... 63 seconds where nobody answers, and given up after 127; EHOSTUNREACH after three
 *       seconds where there is no such host.
 *   <li>Connections are reset by hand or at random by whatever stands between the hosts ({@link
 *       SimulatedNetwork#resetAny}, {@link LinkConfig#resetChance}); both ends hear of it.
 *   <li>A paused host's kernel goes on taking bytes and connections.
 * </ul>
 *
 * Not simulated: half-closed streams, a limit of connections that wait to be accepted, bytes that
 * TCP's checksum fails to protect, ports that wait after a close, several network cards of one host
 * that fail one by one.
 *
 * <h2>What no run of a whole cluster has</h2>
 *
 * EIO on ranges of writes, disks that move to another host, devices with power-loss protection and
 * connections that are reset by chance ({@link LinkConfig#resetChance}; those reset by hand are
 * there): only tests of single parts use them.
 */
public final class FaultModel {
    private FaultModel() {}
}

package io.stria.rdp;

import io.stria.rdp.xor.XorKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Started in a JVM of its own: loses two fragments of every scheme, and says which kernel brought
 * them back.
 */
final class KernelProbe {

    private KernelProbe() {}

    public static void main(String[] arguments) {
        for (int n : new int[] {1, 2, 4, 8}) {
            roundTrip(RdpCode.of(n));
        }
        System.out.println(XorKernel.fastest().getClass().getSimpleName());
    }

    private static void roundTrip(RdpCode code) {
        byte[] intact = Codes.reference(code).encode(Seed.ofRun().bytes(4096));
        int bytes = code.fragmentBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(intact.length);
            MemorySegment.copy(intact, 0, stripe, ValueLayout.JAVA_BYTE, 0, 4096);
            code.encode(stripe, 0, stripe, 4096, stripe, 4096 + bytes);
            stripe.asSlice(0, 2 * bytes).fill((byte) 0);
            code.decode(stripe, 0, ErasurePattern.of(0, 1));
            if (!Arrays.equals(intact, stripe.toArray(ValueLayout.JAVA_BYTE))) {
                throw new AssertionError("wrong bytes from " + code);
            }
        }
    }
}

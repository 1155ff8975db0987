package io.stria.rdp.xor;

/**
 * The loops over bytes. Stateless, allocation free, callable from any thread.
 *
 * <p>Everything is given by absolute address: the caller has checked that the memory is native,
 * alive, large enough and its own, and keeps it alive during the call. No alignment is asked for.
 * Nothing here knows which byte order the machine has: xor does not depend on it.
 */
public interface XorKernel {

    /**
     * Row and diagonal parity of one 4 KiB block of n = {@code dataFragments} in {1, 2, 4, 8}; the
     * three ranges do not overlap.
     */
    void encode(int dataFragments, long block, long rowParity, long diagonalParity);

    /** Executes every step of the program on the stripe. */
    void run(XorProgram program, long stripe);

    /**
     * Whether every gather of the program already holds: its target equals the xor of its sources.
     */
    boolean holds(XorProgram program, long stripe);

    /**
     * The fastest kernel of this machine: the vector kernel where the module {@code
     * jdk.incubator.vector} is present (started with {@code --add-modules jdk.incubator.vector})
     * and the CPU has vectors, else the scalar one.
     */
    static XorKernel fastest() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return present && VectorXorKernel.isWorthwhile()
                ? new VectorXorKernel()
                : new ScalarXorKernel();
    }
}

package io.stria.rdp;

import io.stria.rdp.xor.ScalarXorKernel;
import io.stria.rdp.xor.VectorXorKernel;
import io.stria.rdp.xor.XorKernel;
import java.util.List;
import java.util.stream.Stream;

/** Every scheme on every kernel, as the arguments of parameterised tests. */
final class Codes {

    private Codes() {}

    static Stream<RdpCode> all() {
        List<XorKernel> kernels = List.of(new ScalarXorKernel(), new VectorXorKernel());
        return Stream.of(1, 2, 4, 8)
                .flatMap(n -> kernels.stream().map(kernel -> new RdpCode(RdpArray.of(n), kernel)));
    }

    static ReferenceRdp reference(RdpCode code) {
        return new ReferenceRdp(code.dataFragments(), code.prime());
    }

    static int stripeBytes(RdpCode code) {
        return code.fragments() * code.fragmentBytes();
    }
}

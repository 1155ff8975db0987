package io.stria.runtime.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpdkAddressTest {
    @Test
    void aPciAddressIsEnough() {
        SpdkAddress address = SpdkAddress.parse("01:00.0");
        assertEquals(
                new SpdkAddress(
                        SpdkAddress.Transport.PCIE,
                        "0000:01:00.0",
                        0,
                        "",
                        1,
                        SpdkAddress.Fence.RESET),
                address);
        assertEquals("trtype:PCIe traddr:0000:01:00.0 ns:1", address.toString());
        assertEquals(address, SpdkAddress.parse(address.toString()));
        assertEquals(address, SpdkAddress.parse("0000:01:00.0"));
    }

    @Test
    void wordsNameANamespaceBehindTcp() {
        SpdkAddress address =
                SpdkAddress.parse(
                        " trtype:tcp  traddr:192.0.2.1 trsvcid:4421 subnqn:nqn.2026-11.x:y ns:3 ");
        assertEquals(
                new SpdkAddress(
                        SpdkAddress.Transport.TCP,
                        "192.0.2.1",
                        4421,
                        "nqn.2026-11.x:y",
                        3,
                        SpdkAddress.Fence.RESERVATION),
                address);
        assertEquals(
                "trtype:TCP adrfam:IPv4 traddr:192.0.2.1 trsvcid:4421 subnqn:nqn.2026-11.x:y ns:3",
                address.toString());
        assertEquals(address, SpdkAddress.parse(address.toString()));
    }

    @Test
    void ipv6IsUnderstood() {
        SpdkAddress address =
                SpdkAddress.parse("trtype:TCP traddr:2001:db8::1 subnqn:nqn.2026-11.x:y");
        assertEquals(4420, address.port());
        assertEquals(address, SpdkAddress.parse(address.toString()));
    }

    @Test
    void aFenceIsGivenUpByAWordOnly() {
        String place = "trtype:TCP adrfam:IPv4 traddr:192.0.2.1 trsvcid:4420 subnqn:nqn.x ns:1";
        SpdkAddress address = SpdkAddress.parse(place + " fence:none");
        assertEquals(SpdkAddress.Fence.NONE, address.fence());
        assertEquals(address, SpdkAddress.parse(address.toString()));
        assertEquals(place, address.place());
        assertEquals(SpdkAddress.Fence.RESERVATION, SpdkAddress.parse(place).fence());
        assertEquals(place, address.transportId() + " ns:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/dev/nvme0n1",
                "0000:01:00.8",
                "trtype:RDMA traddr:192.0.2.1 subnqn:nqn.x",
                "trtype:TCP traddr:host.example subnqn:nqn.2026-11.x:y",
                "trtype:TCP traddr:192.0.2.1 subnqn:",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x trsvcid:0",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x trsvcid:65536",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x trsvcid:99999999999",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x ns:0",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x ns:-1",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x hostnqn:nqn.y",
                "trtype:TCP traddr:192.0.2.1 traddr:192.0.2.2 subnqn:nqn.x",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x\u0000",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x fence:",
                "trtype:TCP traddr:192.0.2.1 subnqn:nqn.x fence:reservation",
                "trtype:PCIe traddr:0000:01:00.0 fence:none",
                "trtype:PCIe traddr:192.0.2.1"
            })
    void anythingElseIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> SpdkAddress.parse(text));
    }

    @Test
    void nothingIsTooLongToBeRefused() {
        String nqn = "nqn." + "x".repeat(220);
        assertThrows(
                IllegalArgumentException.class,
                () -> SpdkAddress.parse("trtype:TCP traddr:192.0.2.1 subnqn:" + nqn));
        assertThrows(
                IllegalArgumentException.class, () -> SpdkAddress.parse("x".repeat(1_000_000)));
    }
}

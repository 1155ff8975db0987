package io.stria.systemtests.linear;

import io.stria.nvme.ConnectData;

/** Who a host says it is. */
record HostName(int number) {
    String nqn() {
        return "nqn.2014-08.org.nvmexpress:uuid:00000000-0000-4000-8000-%012x".formatted(number);
    }

    byte[] id() {
        byte[] id = new byte[ConnectData.HOSTID_BYTES];
        id[0] = 1;
        id[15] = (byte) number;
        return id;
    }
}

package io.stria.systemtests.nvmf;

import java.util.List;

/** Why this target answers otherwise than the kernel's own. */
final class Differences {
    /**
     * @param command the beginning of the commands, whole words
     * @param fields a regular expression
     */
    private record Difference(String command, String fields, String why) {}

    private static final List<Difference> ALL =
            List.of(
                    of("id-ctrl", "sn|mn|fr|subnqn|cntlid", "each its own"),
                    of("id-ctrl", "rab|ps.*", "a volume has no arbitration burst and no power"),
                    of("id-ctrl", "mdts", "one command moves 128 KiB; no limit there"),
                    of("id-ctrl", "ver", "1.4; 1.3 there"),
                    of("id-ctrl", "crdt1", "hosts wait before they try an unready volume again"),
                    of("id-ctrl", "elpe", "64 entries; 128 there"),
                    of("id-ctrl", "kas", "units of 100 ms; of 1 s there"),
                    of("id-ctrl", "anacap", "the states that nodes use; all five there"),
                    of("id-ctrl", "anagrpmax|nanagrpid|nn|mnan", "one namespace in one group"),
                    of("id-ctrl", "maxcmd|ioccsz", "128 entries, 8 KiB; 1024 and 16 KiB there"),
                    of("id-ctrl", "oncs", "Compare and Verify as well"),
                    of("id-ctrl", "vwc", "what is acknowledged is durable: no cache to flush"),
                    of("id-ctrl", "nwpc", "no write protection"),
                    of("id-ns %n", "nsfeat", "says what costs least; there, what is atomic"),
                    of("id-ns %n", "dlfeat", "deallocated blocks read as zeros"),
                    of("id-ns %n", "noiob|nows", "pages, and as much of one as a command moves"),
                    of("id-ns %n", "nguid", "a volume has one"),
                    of("id-ns %c -n 2", "status", "NN is 1: there is no such id; NN is 1024 there"),
                    of("ns-descs", "nguid|uuid", "each its own"),
                    of("cmdset-ind-id-ns", "status", "known here"),
                    of("id-iocs", "status", "known here"),
                    of("nvm-id-ctrl", ".*", "limits of Verify, Write Zeroes and Deallocate"),
                    of("smart-log", "temperature", "zero would be a broken sensor"),
                    of("smart-log", "available_spare.*", "a volume does not wear out"),
                    of("smart-log", "host_.*|data_.*|num_err.*", "counts of what each was asked"),
                    of("error-log", ".*", "each its own errors, of no single field here"),
                    of("fw-log", "afi|frs1", "one slot, with the version; none there"),
                    of("ana-log", "chgcnt", "counts of what has happened"),
                    of("supported-log-pages", "status", "known here"),
                    of("fid-support-effects-log", "status", "known here"),
                    of("effects-log", ".*", "Compare, Verify, Abort and the features are listed"),
                    of("self-test-log", "status", "no such page: Invalid Log Page"),
                    of("endurance-log", "status", "no such page: Invalid Log Page"),
                    of("telemetry-log", "status", "no such page: Invalid Log Page"),
                    of("get-log %c --log-id=0xc0", "status", "no such page: Invalid Log Page"),
                    of("get-log %c --log-id=2", "status", "offsets are served; not there"),
                    of("set-feature %c -f 1", "status", "kept, though nothing follows it"),
                    of("set-feature %c -f 4", "status", "kept, though nothing follows it"),
                    of("set-feature %c -f 7", "status", "too late: queues are connected"),
                    of("get-feature %c -f 0x7", ".*", "16 queues; as many as CPUs there"),
                    of("get-feature %c -f 0x6", "status", "there is no cache to speak of"),
                    of("get-feature %c -f 0x1", "status", "every mandatory feature can be read"),
                    of("get-feature %c -f 0x2", "status", "every mandatory feature can be read"),
                    of("get-feature %c -f 0x4", "status", "every mandatory feature can be read"),
                    of("get-feature %c -f 0x5", "status", "every mandatory feature can be read"),
                    of("get-feature %c -f 0xa", "status", "every mandatory feature can be read"),
                    of("get-feature %c -f 0xc", "status", "unknown to both; two ways to say so"),
                    of("get-feature %c -f 0x16", "status", "kept for the host that sets it"),
                    of("compare", "status", "known here"),
                    of("verify", "status", "known here"),
                    of("read %n -s 0xffffffff", "status", "says what is wrong"),
                    of("write %n -s 0xffffffff", "status", "says what is wrong"),
                    of("write-zeroes %n -s 0xffffffff", "status", "says what is wrong"),
                    of("dsm %n -d -s 0xffffffff", "status", "nothing beyond the end is ignored"));

    private Differences() {}

    private static Difference of(String command, String fields, String why) {
        return new Difference(command, fields, why);
    }

    /** Empty if nobody has thought about it. */
    static String why(String command, String field) {
        return ALL.stream()
                .filter(known -> (command + " ").startsWith(known.command + " "))
                .filter(known -> field.matches(known.fields))
                .findFirst()
                .map(Difference::why)
                .orElse("");
    }
}

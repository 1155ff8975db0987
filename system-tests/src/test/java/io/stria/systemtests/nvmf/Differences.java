package io.stria.systemtests.nvmf;

import java.util.List;

/** Why this target answers otherwise than the kernel's own. */
final class Differences {
    /**
     * @param command the beginning of the commands, whole words
     * @param fields a regular expression
     * @param own what this target answers, and no other value
     * @param theirs what the kernel's does
     */
    private record Difference(
            String command, String fields, String own, String theirs, String why) {}

    /** A value that is another in each run. */
    private static final String ANY = "*";

    private static final String FIELD = "Invalid Field in Command";
    private static final String OPCODE = "Invalid Command Opcode";
    private static final String PAGE = "Invalid Log Page";
    private static final String INTERNAL = "Internal Error";
    private static final String RANGE = "LBA Out of Range";

    private static final List<Difference> ALL =
            List.of(
                    of("id-ctrl", "sn|subnqn|cntlid", ANY, ANY, "each its own"),
                    of("id-ctrl", "mn", "Stria", "Linux", "each its own"),
                    of("id-ctrl", "fr", ANY, ANY, "each its own"),
                    of("id-ctrl", "rab", "0", "6", "a volume has no arbitration burst"),
                    of("id-ctrl", "mdts", "8", "0", "one command moves 1 MiB; no limit there"),
                    of("id-ctrl", "ver", "0x10400", "0x10300", "1.4; 1.3 there"),
                    of(
                            "id-ctrl",
                            "crdt1",
                            "5",
                            "0",
                            "hosts wait before they try an unready volume again"),
                    of("id-ctrl", "elpe", "63", "127", "64 entries; 128 there"),
                    of("id-ctrl", "kas", "1", "10", "units of 100 ms; of 1 s there"),
                    of(
                            "id-ctrl",
                            "anacap",
                            "21",
                            "31",
                            "the states that nodes use; all five there"),
                    of("id-ctrl", "anagrpmax|nanagrpid", "1", "128", "one namespace in one group"),
                    of("id-ctrl", "maxcmd", "128", "1024", "entries of a queue"),
                    of("id-ctrl", "nn|mnan", "1", "1024", "one namespace"),
                    of("id-ctrl", "oncs", "0x8d", "0xc", "Compare and Verify as well"),
                    of(
                            "id-ctrl",
                            "vwc",
                            "0x6",
                            "0x1",
                            "what is acknowledged is durable: no cache to flush"),
                    of("id-ctrl", "nwpc", "0", "1", "no write protection"),
                    of("id-ctrl", "ofcs", "1", "0", "Disconnect deletes an IO queue"),
                    of("id-ctrl", "ioccsz", "516", "1028", "8 KiB in a capsule; 16 KiB there"),
                    of("id-ctrl", "ps.*", ANY, ANY, "a volume has no power states"),
                    of(
                            "id-ns %n",
                            "nsfeat",
                            "0x10",
                            "0x12",
                            "says what costs least; there, what is atomic"),
                    of("id-ns %n", "dlfeat", "9", "0", "deallocated blocks read as zeros"),
                    of("id-ns %n", "noiob", "256", "0", "a page of the volume"),
                    of("id-ns %n", "nows", "255", "0", "as much of a page as a command moves"),
                    of(
                            "id-ns %n",
                            "nguid", ANY, "00000000000000000000000000000000", "a volume has one"),
                    of(
                            "id-ns %c -n 2",
                            "status",
                            "Invalid Namespace or Format",
                            "ok",
                            "NN is 1: there is no such id; NN is 1024 there"),
                    of("ns-descs", "nguid", ANY, "-", "a volume has one"),
                    of("ns-descs", "uuid", ANY, ANY, "each its own"),
                    of("cmdset-ind-id-ns", "status", "ok", FIELD, "known here"),
                    of("id-iocs", "status", "ok", FIELD, "known here"),
                    of("nvm-id-ctrl", "vsl", "8", "0", "limit of Verify: 1 MiB"),
                    of("nvm-id-ctrl", "wzsl", "16", "0", "limit of Write Zeroes: 256 MiB"),
                    of("nvm-id-ctrl", "dmrl", "255", "0", "limits of Deallocate"),
                    of("nvm-id-ctrl", "dmrsl", "65536", "0", "limits of Deallocate"),
                    of("nvm-id-ctrl", "dmsl", "16711680", "0", "limits of Deallocate"),
                    of(
                            "smart-log",
                            "temperature",
                            "27°C (300 Kelvin)",
                            "-273°C (0 Kelvin)",
                            "zero would be a broken sensor"),
                    of("smart-log", "available_spare", "100%", "0%", "a volume does not wear out"),
                    of(
                            "smart-log",
                            "available_spare_threshold",
                            "10%",
                            "0%",
                            "a volume does not wear out"),
                    of(
                            "smart-log",
                            "host_.*|data_.*|num_err.*",
                            ANY,
                            ANY,
                            "counts of what each was asked"),
                    of("error-log", ".*", ANY, ANY, "each its own errors, of no single field here"),
                    of("fw-log", "afi", "0x1", "0", "one slot, with the version; none there"),
                    of("fw-log", "frs1", ANY, "-", "one slot, with the version; none there"),
                    of("ana-log", "chgcnt", ANY, ANY, "counts of what has happened"),
                    of("supported-log-pages", "status", "ok", FIELD, "known here"),
                    of("fid-support-effects-log", "status", "ok", FIELD, "known here"),
                    of(
                            "effects-log",
                            ".*",
                            ANY,
                            ANY,
                            "Compare, Verify, Abort and the features are listed"),
                    of("self-test-log", "status", PAGE, FIELD, "no such page"),
                    of("endurance-log", "status", PAGE, FIELD, "no such page"),
                    of("telemetry-log", "status", ANY, ANY, "no such page"),
                    of("get-log %c --log-id=0xc0", "status", PAGE, FIELD, "no such page"),
                    of(
                            "get-log %c --log-id=2 --log-len=64 --lpo=256",
                            "status", "ok", INTERNAL, "offsets are served; not there"),
                    of(
                            "get-log %c --log-id=2",
                            "status",
                            FIELD,
                            INTERNAL,
                            "no such offset; offsets are not served there"),
                    of(
                            "set-feature %c -f 1 -v 0 -s",
                            "status",
                            "Feature Identifier Not Saveable",
                            FIELD,
                            "known, and not saved"),
                    of(
                            "set-feature %c -f 1",
                            "status", "ok", FIELD, "kept, though nothing follows it"),
                    of(
                            "set-feature %c -f 4",
                            "status", "ok", FIELD, "kept, though nothing follows it"),
                    of(
                            "set-feature %c -f 7",
                            "status",
                            "Command Sequence Error",
                            "ok",
                            "too late: queues are connected"),
                    of(
                            "get-feature %c -f 0x7",
                            "get-feature", ANY, ANY, "16 queues; as many as CPUs there"),
                    of(
                            "get-feature %c -f 0x6",
                            "status", FIELD, "ok", "there is no cache to speak of"),
                    of(
                            "get-feature %c -f 0x1",
                            "status", "ok", FIELD, "every mandatory feature can be read"),
                    of(
                            "get-feature %c -f 0x2",
                            "status", "ok", FIELD, "every mandatory feature can be read"),
                    of(
                            "get-feature %c -f 0x4",
                            "status", "ok", FIELD, "every mandatory feature can be read"),
                    of(
                            "get-feature %c -f 0x5",
                            "status", "ok", FIELD, "every mandatory feature can be read"),
                    of(
                            "get-feature %c -f 0xa",
                            "status", "ok", FIELD, "every mandatory feature can be read"),
                    of(
                            "get-feature %c -f 0xc",
                            "status",
                            FIELD,
                            "Data SGL Length Invalid",
                            "unknown to both; two ways to say so"),
                    of(
                            "get-feature %c -f 0x16",
                            "status",
                            "ok",
                            "Data SGL Length Invalid",
                            "kept for the host that sets it"),
                    of("compare", "status", "ok", OPCODE, "known here"),
                    of("verify", "status", "ok", OPCODE, "known here"),
                    of("read %n -s 0xffffffff", "status", RANGE, INTERNAL, "says what is wrong"),
                    of("write %n -s 0xffffffff", "status", RANGE, INTERNAL, "says what is wrong"),
                    of(
                            "write-zeroes %n -s 0xffffffff",
                            "status", RANGE, INTERNAL, "says what is wrong"),
                    of(
                            "dsm %n -d -s 0xffffffff",
                            "status", RANGE, "ok", "nothing beyond the end is ignored"));

    private Differences() {}

    private static Difference of(
            String command, String fields, String own, String theirs, String why) {
        return new Difference(command, fields, own, theirs, why);
    }

    /** Why the two differ in this field as they do; empty if nobody has thought about it. */
    static String why(String command, String field, String own, String theirs) {
        return ALL.stream()
                .filter(known -> (command + " ").startsWith(known.command + " "))
                .filter(known -> field.matches(known.fields))
                .findFirst()
                .filter(known -> is(known.own, own) && is(known.theirs, theirs))
                .map(Difference::why)
                .orElse("");
    }

    /** A status counts by its name: what nvme-cli explains comes after a colon. */
    private static boolean is(String expected, String value) {
        return expected.equals(ANY) || value.equals(expected) || value.startsWith(expected + ":");
    }
}

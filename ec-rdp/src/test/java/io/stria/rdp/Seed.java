package io.stria.rdp;

import java.util.Random;

/** The seed of a randomised test, and the words that repeat it. */
record Seed(long value) {

    static Seed ofRun() {
        return new Seed(Long.getLong("stria.seed", 2004));
    }

    Random random() {
        return new Random(value);
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random().nextBytes(bytes);
        return bytes;
    }

    Seed next() {
        return new Seed(value * 6364136223846793005L + 1442695040888963407L);
    }

    @Override
    public String toString() {
        return "repeat with: mvn -pl ec-rdp test -Dstria.seed=" + ofRun().value;
    }
}

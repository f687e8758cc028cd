package org.apache.cassandra.io.sstable;                      // deletes need the package's AbstractSSTableSimpleWriter

import java.io.File;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.*;
import java.util.stream.Stream;
import org.apache.cassandra.db.*;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.*;
import static org.apache.cassandra.utils.ByteBufferUtil.bytes;

/**
 * Writes the two bench tables with Cassandra 3.11's own SSTable writer.
 * Arguments: table (readings or mixed), directory, files, operations per file. Prints the table's CREATE TABLE.
 */
public class Tables {
    static final long START = 1700000000000L;
    static final int BUFFER_MB = 1024;                        // more than a file holds: each writer makes one SSTable
    static final String[] NAMES = ("alder birch copse dune elm fen glen heath isle knoll loch marsh nook orchard pond quay ridge spring " +
                                   "thicket vale weir yard amber brass coral denim ebony flax ginger hazel indigo jasper").split(" ");
    static final Object UNSET = CQLSSTableWriter.UNSET_VALUE;

    final Random random = new Random(42);
    final File dir;
    final String ddl;
    final Map<String, CQLSSTableWriter> open = new LinkedHashMap<>();   // of the current file, by statement

    Tables(File dir, String ddl) {
        this.dir = dir;
        this.ddl = ddl;
    }

    public static void main(String[] args) throws Exception {
        int status = 1;
        try {
            boolean mixed = args[0].equals("mixed");
            Tables t = new Tables(new File(args[1]), mixed ? MIXED : READINGS);
            int files = Integer.parseInt(args[2]), rows = Integer.parseInt(args[3]);
            for (int f = 0; f < files; f++) {
                for (long i = (long) f * rows; i < (long) (f + 1) * rows; i++) {
                    if (mixed) t.mixed(i);
                    else t.reading(i);
                }
                t.open.values().iterator().next().close();
                t.open.clear();
            }
            System.out.println(t.ddl + ";");
            status = 0;
        } catch (Throwable e) {
            e.printStackTrace();
        }
        System.exit(status);                                  // the unused writers' threads are still there
    }

    /** Runs an INSERT or UPDATE. All statements of a file go to the SSTable of the first, which must name every column. */
    void run(String cql, Object[]... values) throws Exception {
        CQLSSTableWriter w = open.get(cql);
        if (w == null) {
            w = CQLSSTableWriter.builder().inDirectory(dir).forTable(ddl).using(cql).withBufferSizeInMB(BUFFER_MB).build();
            if (!open.isEmpty()) SINK.set(w, sink());
            open.put(cql, w);
        }
        w.addRow(Stream.of(values).flatMap(Stream::of).toArray());
    }

    /** What the open file's statements write to. */
    AbstractSSTableSimpleWriter sink() throws Exception {
        return (AbstractSSTableSimpleWriter) SINK.get(open.values().iterator().next());
    }

    static final Field SINK;
    static {
        try {
            SINK = CQLSSTableWriter.class.getDeclaredField("writer");
            SINK.setAccessible(true);
        } catch (NoSuchFieldException e) {
            throw new Error(e);
        }
    }

    String name() { return NAMES[random.nextInt(NAMES.length)]; }

    String words(int n) {
        StringBuilder s = new StringBuilder();
        while (n-- > 0) s.append(name()).append(random.nextInt(1000)).append(n > 0 ? " " : "");
        return s.toString();
    }

    static UUID timeId(long millis, long rest) {
        long t = (millis + 12219292800000L) * 10000;
        return new UUID(t << 32 | t >>> 16 & 0xffff0000L | 0x1000 | t >>> 48, 1L << 63 | rest >>> 2);
    }

    // ---- readings: inserts only, many narrow partitions, each in nearly every file -----------------------------------

    static final String READINGS =
        "CREATE TABLE bench.readings (device text, at timeuuid, site text, status int, temperature double, online boolean, tags map<text, text>, " +
        "received timestamp, payload text, PRIMARY KEY (device, at)) WITH CLUSTERING ORDER BY (at DESC)";

    void reading(long i) throws Exception {
        long millis = START + i * 37;
        int device = (int) Math.min(19999, Math.abs(random.nextGaussian()) * 6667);
        Map<String, String> tags = new HashMap<>();
        for (int n = random.nextInt(4); n > 0; n--) tags.put(NAMES[random.nextInt(8)], words(1));
        run("INSERT INTO bench.readings (device, at, site, status, temperature, online, tags, received, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(String.format("device-%06d", device), timeId(millis, random.nextLong()), random.nextInt(10) == 0 ? null : "site-" + NAMES[device % NAMES.length],
                 random.nextInt(6), random.nextInt(60000) / 1000.0 - 20, random.nextBoolean(), tags, new Date(millis), words(3 + random.nextInt(12))));
    }

    // ---- mixed: collections, statics, TTLs; one operation in five deletes ----------------------------------------------

    static final String MIXED =
        "CREATE TABLE bench.mixed (tenant text, shard smallint, bucket int, id timeuuid, owner text static, quota map<text, bigint> static, " +
        "title text, amount decimal, score double, flag boolean, updated timestamp, labels set<text>, history list<text>, attributes map<text, text>, " +
        "PRIMARY KEY ((tenant, shard), bucket, id)) WITH CLUSTERING ORDER BY (bucket ASC, id DESC)";
    static final String ROW = " WHERE tenant = ? AND shard = ? AND bucket = ? AND id = ?";

    /** The key of the row which operation i makes, if it makes one. */
    static Object[] key(long i) {
        SplittableRandom r = new SplittableRandom(i);
        int partition = (int) (15000 * Math.pow(r.nextDouble(), 1.5));
        return list(String.format("tenant-%04d", partition / 4), (short) (partition % 4), r.nextInt(6), timeId(START + i, r.nextLong()));
    }

    static Object[] list(Object... o) { return o; }

    static int what(long i) { return new SplittableRandom(~i).nextInt(100); }

    void mixed(long i) throws Exception {
        long at = (START + i) * 1000, earlier;
        do earlier = (long) (random.nextDouble() * i); while (earlier > 0 && what(earlier) >= 65);   // some row inserted before, in any file
        int what = what(i);
        if (what < 65 || open.isEmpty()) {
            boolean statics = random.nextInt(50) == 0;
            Map<String, Long> quota = Collections.singletonMap(name(), random.nextLong() >>> 40);
            Set<String> labels = new HashSet<>();
            List<String> history = new ArrayList<>();
            Map<String, String> attributes = new HashMap<>();
            for (int n = random.nextInt(4); n > 0; n--) labels.add(name());
            for (int n = random.nextInt(3); n > 0; n--) history.add(words(2));
            for (int n = random.nextInt(5); n > 0; n--) attributes.put(name(), words(1));
            run("INSERT INTO bench.mixed (tenant, shard, bucket, id, owner, quota, title, amount, score, flag, updated, labels, history, attributes) " +
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?",
                key(i), list(statics ? name() : UNSET, statics ? quota : UNSET, words(2 + random.nextInt(8)),
                       BigDecimal.valueOf(random.nextInt(10000000), 2), random.nextGaussian(), random.nextInt(4) == 0 ? UNSET : (Object) random.nextBoolean(),
                       new Date(START + i), labels, history, attributes, at, random.nextInt(20) == 0 ? 10 * 365 * 86400 : 0));
        } else if (what < 80) {
            run("UPDATE bench.mixed USING TIMESTAMP ? SET score = ?, labels = labels + ?, history = history + ?, attributes[?] = ?" + ROW,
                list(at, random.nextGaussian(), Collections.singleton(name()), Collections.singletonList(words(2)), name(), words(1)), key(earlier));
        } else if (what < 88) {
            run("UPDATE bench.mixed USING TIMESTAMP ? SET title = ?, amount = ?, labels = ?, attributes[?] = ?" + ROW,
                list(at, null, null, null, name(), null), key(earlier));
        } else {
            delete(what, at, key(earlier));
        }
    }

    /** 8 in 12: a row. Else the older rows of its bucket; rarely the whole partition. CQLSSTableWriter has no DELETE in 3.11.2. */
    void delete(int what, long at, Object[] key) throws Exception {
        PartitionUpdate update = sink().getUpdateFor(CompositeType.build(bytes((String) key[0]), bytes((short) key[1])));
        ByteBuffer bucket = bytes((int) key[2]), id = bytes((UUID) key[3]);
        DeletionTime time = new DeletionTime(at, (int) (at / 1000000));
        if (what < 96) update.add(BTreeRow.emptyDeletedRow(Clustering.make(bucket, id), Row.Deletion.regular(time)));
        else if (random.nextInt(50) == 0) update.addPartitionDeletion(time);
        else update.add(new RangeTombstone(Slice.make(ClusteringBound.create(ClusteringPrefix.Kind.INCL_START_BOUND, new ByteBuffer[] {bucket, id}),
                                                      ClusteringBound.create(ClusteringPrefix.Kind.INCL_END_BOUND, new ByteBuffer[] {bucket})), time));
    }
}

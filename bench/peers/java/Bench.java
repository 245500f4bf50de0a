// The Java client in the side-by-side benchmark, on whichever driver has the directory. Does what measures.hpp does, loop for
// loop.
import io.aeron.Aeron;
import io.aeron.AeronVersion;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

public final class Bench
{
    private static final int BURST = 64;
    private static final int MOST_SAMPLES = 10_000_000;

    /** A publication, and how messages get into it. */
    private abstract static class Sender
    {
        final ExclusivePublication publication;

        Sender(final ExclusivePublication publication)
        {
            this.publication = publication;
        }

        /** False where it may be tried again. */
        abstract boolean trySend(DirectBuffer message, int offset, int length);

        static boolean isTaken(final long position)
        {
            if (position <= Publication.CLOSED)
            {
                throw new IllegalStateException("not taken: " + position);
            }
            return position > 0;
        }
    }

    private static final class Offering extends Sender
    {
        Offering(final ExclusivePublication publication)
        {
            super(publication);
        }

        boolean trySend(final DirectBuffer message, final int offset, final int length)
        {
            return isTaken(publication.offer(message, offset, length));
        }
    }

    private static final class Claiming extends Sender
    {
        private final BufferClaim claim = new BufferClaim();

        Claiming(final ExclusivePublication publication)
        {
            super(publication);
        }

        boolean trySend(final DirectBuffer message, final int offset, final int length)
        {
            final boolean isTaken = isTaken(publication.tryClaim(length, claim));
            if (isTaken)
            {
                claim.buffer().putBytes(claim.offset(), message, offset, length);
                claim.commit();
            }
            return isTaken;
        }
    }

    private static final class Arrivals
    {
        long messages;
        long bytes;
        private final FragmentHandler handler = (buffer, offset, length, header) -> bytes += length;

        int take(final Subscription in)
        {
            final int count = in.poll(handler, BURST);
            messages += count;
            return count;
        }

        void takeRest(final Subscription in, final long sent, final int length)
        {
            final long deadlineNs = System.nanoTime() + 10_000_000_000L;
            while (messages < sent)
            {
                take(in);
                if (System.nanoTime() - deadlineNs > 0)
                {
                    throw new IllegalStateException((sent - messages) + " of " + sent + " messages did not come");
                }
            }
            if (messages != sent || bytes != sent * length)
            {
                throw new IllegalStateException(sent + " messages of " + length + " bytes were sent, " + messages +
                    " with " + bytes + " bytes came");
            }
        }
    }

    private final Map<String, String> options = new HashMap<>();
    private final UnsafeBuffer message;
    private final int length;
    private final long[] timesNs;
    private volatile boolean isRunning = true;
    private long sentByPublisher;
    private volatile Throwable failure;

    private Bench(final String[] words)
    {
        for (int i = 0; i < words.length; i++)
        {
            options.put(words[i], words[i].equals("--claim") ? "" : words[++i]);
        }
        length = Integer.parseInt(text("--length"));
        message = newMessage();
        timesNs = new long[MOST_SAMPLES];
    }

    private UnsafeBuffer newMessage()
    {
        return new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, 64));
    }

    private String text(final String name)
    {
        final String value = options.get(name);
        if (null == value)
        {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private long nanoseconds(final String name)
    {
        return (long)(Double.parseDouble(text(name)) * 1e9);
    }

    /** Java has no call for it: taskset is told which thread this is. */
    private void keepThisThreadOn(final String cpu) throws IOException, InterruptedException
    {
        final String thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
        final Process taskset = new ProcessBuilder("taskset", "-cp", text(cpu), thread)
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (0 != taskset.waitFor())
        {
            throw new IllegalStateException("taskset could not move a thread to processor " + text(cpu));
        }
    }

    private double streamOnce(final Sender out, final Subscription in, final long durationNs)
    {
        final Arrivals arrivals = new Arrivals();
        long sent = 0;
        final long startNs = System.nanoTime();
        final long endNs = startNs + durationNs;
        long nowNs = startNs;
        while (nowNs - endNs < 0)
        {
            for (int i = 0; i < 64; i++)
            {
                for (int offered = 0; offered < BURST && out.trySend(message, 0, length); offered++)
                {
                    sent++;
                }
                arrivals.take(in);
            }
            nowNs = System.nanoTime();
        }
        final double rate = arrivals.messages * 1e9 / (nowNs - startNs);
        arrivals.takeRest(in, sent, length);
        return rate;
    }

    private String stream(final Sender out, final Subscription in) throws IOException, InterruptedException
    {
        keepThisThreadOn("--cpu");
        streamOnce(out, in, nanoseconds("--warm-up"));
        return "\"messages_per_s\":" + streamOnce(out, in, nanoseconds("--seconds"));
    }

    private void publish(final Sender out)
    {
        long sent = 0;
        while (isRunning)
        {
            if (out.trySend(message, 0, length))
            {
                sent++;
            }
            else
            {
                Thread.onSpinWait();
            }
        }
        sentByPublisher = sent;
    }

    private static long pollUntil(final Arrivals arrivals, final Subscription in, final long endNs)
    {
        long nowNs = System.nanoTime();
        while (nowNs - endNs < 0)
        {
            for (int i = 0; i < 64; i++)
            {
                if (0 == arrivals.take(in))
                {
                    Thread.onSpinWait();
                }
            }
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    private String handOver(final Sender out, final Subscription in) throws IOException, InterruptedException
    {
        final Thread publisher = start("--cpu", () -> publish(out));
        keepThisThreadOn("--other-cpu");
        final Arrivals arrivals = new Arrivals();
        final long startNs = pollUntil(arrivals, in, System.nanoTime() + nanoseconds("--warm-up"));
        final long before = arrivals.messages;
        final long endNs = pollUntil(arrivals, in, startNs + nanoseconds("--seconds"));
        final long received = arrivals.messages - before;
        end(publisher);
        arrivals.takeRest(in, sentByPublisher, length);
        return "\"messages_per_s\":" + received * 1e9 / (endNs - startNs);
    }

    private int timeMessages(final Sender out, final Subscription in, final long durationNs)
    {
        final FragmentHandler handler = (buffer, offset, messageLength, header) -> {};
        int count = 0;
        long startNs = System.nanoTime();
        final long endNs = startNs + durationNs;
        while (startNs - endNs < 0)
        {
            while (!out.trySend(message, 0, length))
            {
                Thread.onSpinWait();
            }
            while (0 == in.poll(handler, 1))
            {
                Thread.onSpinWait();
            }
            final long nowNs = System.nanoTime();
            timesNs[count++ % MOST_SAMPLES] = nowNs - startNs;
            startNs = nowNs;
        }
        return Math.min(count, MOST_SAMPLES);
    }

    private String timeLoop(final Sender out, final Subscription in) throws IOException, InterruptedException
    {
        keepThisThreadOn("--cpu");
        timeMessages(out, in, nanoseconds("--warm-up"));
        final int count = timeMessages(out, in, nanoseconds("--seconds"));
        Arrays.sort(timesNs, 0, count);
        return "\"p50_ns\":" + timesNs[count / 2] + ",\"p99_ns\":" + timesNs[(int)(count * 99L / 100)] +
            ",\"round_trips\":" + count;
    }

    private void echo(final Subscription in, final Sender out)
    {
        final FragmentHandler handler = (buffer, offset, messageLength, header) ->
        {
            while (!out.trySend(buffer, offset, messageLength) && isRunning)
            {
                Thread.onSpinWait();
            }
        };
        while (isRunning)
        {
            if (0 == in.poll(handler, 1))
            {
                Thread.onSpinWait();
            }
        }
    }

    private String roundTrip(final Sender out, final Subscription in, final Subscription echoIn, final Sender echoOut)
        throws IOException, InterruptedException
    {
        final Thread echo = start("--other-cpu", () -> echo(echoIn, echoOut));
        final String figures = timeLoop(out, in);
        end(echo);
        return figures;
    }

    private Thread start(final String cpu, final Runnable work)
    {
        final Thread thread = new Thread(() ->
        {
            try
            {
                keepThisThreadOn(cpu);
                work.run();
            }
            catch (final Throwable problem)
            {
                failure = problem;
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void end(final Thread thread) throws InterruptedException
    {
        isRunning = false;
        thread.join();
        if (null != failure)
        {
            throw new IllegalStateException(failure);
        }
    }

    private Subscription subscribe(final Aeron aeron, final int streamId)
    {
        return aeron.addSubscription(text("--channel"), streamId);
    }

    private Sender publish(final Aeron aeron, final int streamId)
    {
        final ExclusivePublication publication = aeron.addExclusivePublication(text("--channel"), streamId);
        return options.containsKey("--claim") ? new Claiming(publication) : new Offering(publication);
    }

    private static void waitFor(final String what, final BooleanSupplier condition)
    {
        final long deadlineNs = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean())
        {
            if (System.nanoTime() - deadlineNs > 0)
            {
                throw new IllegalStateException("waited too long for " + what);
            }
            Thread.yield();
        }
    }

    private String run() throws IOException, InterruptedException
    {
        try (Aeron aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(text("--dir"))))
        {
            final int streamId = Integer.parseInt(text("--stream"));
            final Subscription in = subscribe(aeron, streamId);
            final Sender out = publish(aeron, streamId);
            waitFor("a connected stream", () -> in.isConnected() && out.publication.isConnected());
            switch (text("--measure"))
            {
                case "stream":
                    return stream(out, in);
                case "hand-over":
                    return handOver(out, in);
                case "loop":
                    return timeLoop(out, in);
                case "round-trip":
                    final Subscription back = subscribe(aeron, streamId + 1);
                    final Sender echoOut = publish(aeron, streamId + 1);
                    waitFor("a connected stream", () -> back.isConnected() && echoOut.publication.isConnected());
                    return roundTrip(out, back, in, echoOut);
                default:
                    throw new IllegalArgumentException("unknown measure " + text("--measure"));
            }
        }
    }

    public static void main(final String[] words)
    {
        try
        {
            System.out.println("{" + new Bench(words).run() + ",\"version\":\"" + AeronVersion.VERSION + "\"}");
            System.exit(0);
        }
        catch (final Throwable problem)
        {
            System.err.println("Bench: " + problem);
            System.exit(1);
        }
    }
}

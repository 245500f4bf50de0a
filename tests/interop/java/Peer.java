// The Java client as an interoperation peer: obeys the command lines described in tests/interop/README.md, one answer
// per line.
import io.aeron.Aeron;
import io.aeron.Counter;
import io.aeron.DirectBufferVector;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.exceptions.ClientTimeoutException;
import io.aeron.exceptions.ConductorServiceTimeoutException;
import io.aeron.exceptions.DriverTimeoutException;
import io.aeron.exceptions.RegistrationException;
import io.aeron.logbuffer.BufferClaim;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

public final class Peer
{
    /** Options of one command. */
    private static final class Command
    {
        final String verb;
        private final Map<String, String> options = new HashMap<>();

        Command(final String line)
        {
            final String[] words = line.split("\t", -1);
            verb = words[0];
            for (int i = 1; i + 1 < words.length; i += 2)
            {
                options.put(words[i], words[i + 1]);
            }
        }

        String text(final String name, final String otherwise)
        {
            return options.getOrDefault("--" + name, otherwise);
        }

        String text(final String name)
        {
            final String value = text(name, null);
            if (null == value)
            {
                throw new IllegalArgumentException(verb + " needs --" + name);
            }
            return value;
        }

        long number(final String name, final long otherwise)
        {
            final String value = text(name, null);
            return null == value ? otherwise : Long.parseLong(value);
        }

        long deadlineNs()
        {
            return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(number("timeout", 10_000));
        }
    }

    /** What arrived from one publisher, in its order. */
    private static final class Received
    {
        long messages;
        long checksum;
        long next;
        boolean inOrder = true;
    }

    private static final class Event
    {
        final String kind;
        final Map<String, Object> facts;

        Event(final String kind, final Map<String, Object> facts)
        {
            this.kind = kind;
            this.facts = facts;
        }
    }

    private static final long PRIME = 0x100000001B3L;

    private final List<Event> events = new ArrayList<>();
    private final Map<String, Publication> publications = new HashMap<>();
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private final BufferClaim claim = new BufferClaim();
    private Aeron aeron;

    public static void main(final String[] args) throws IOException
    {
        final BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        final Peer peer = new Peer();
        String line;
        while ((line = input.readLine()) != null)
        {
            Map<String, Object> answer;
            try
            {
                answer = peer.obey(new Command(line));
            }
            catch (final Throwable failure)
            {
                answer = Map.of("error", describe(failure));
            }
            System.out.println(json(answer));
            System.out.flush();
        }
        System.exit(0);
    }

    private Map<String, Object> obey(final Command command) throws InterruptedException
    {
        switch (command.verb)
        {
            case "connect":
                return connect(command);
            case "add-publication":
                return addPublication(command);
            case "add-subscription":
                return addSubscription(command);
            case "add-destination":
                return addDestination(command);
            case "remove-destination":
                return removeDestination(command);
            case "await":
                return await(command);
            case "await-event":
                return awaitEvent(command);
            case "send":
                return send(command);
            case "receive":
                return receive(command);
            case "read":
                return read(command);
            case "claim":
                return claim(command);
            case "commit":
                claim.commit();
                return Map.of();
            case "abort":
                claim.abort();
                return Map.of();
            case "images":
                return facts("images", images(subscriptions.get(command.text("on"))));
            case "reject":
                subscriptions.get(command.text("on")).imageAtIndex(0).reject(command.text("reason"));
                return Map.of();
            case "revoke":
                ((ExclusivePublication)publications.remove(command.text("on"))).revoke();
                return Map.of();
            case "close":
                return close(command);
            case "reset":
                return reset();
            case "add-counter":
                return addCounter(command);
            case "set-counter":
                counters.get(command.text("on")).setRelease(command.number("value", 0));
                return Map.of();
            case "read-counters":
                return readCounters(command);
            case "next-session":
                return facts("session", aeron.nextSessionId((int)command.number("stream", 1)));
            default:
                throw new IllegalArgumentException("unknown command " + command.verb);
        }
    }

    private Map<String, Object> connect(final Command command)
    {
        aeron = Aeron.connect(new Aeron.Context()
            .aeronDirectoryName(command.text("dir"))
            .clientName(command.text("name", ""))
            .driverTimeoutMs(command.number("driver-timeout", 5_000))
            .keepAliveIntervalNs(TimeUnit.MILLISECONDS.toNanos(command.number("keepalive", 100)))
            .resourceLingerDurationNs(TimeUnit.MILLISECONDS.toNanos(100))
            .idleStrategy(new SleepingMillisIdleStrategy(1))
            .errorHandler((error) -> record("error", describe(error)))
            .closeHandler(() -> record("closed", facts()))
            .publicationErrorFrameHandler((frame) -> record("publication-error", facts(
                "registration", frame.registrationId(), "session", frame.sessionId(), "stream", frame.streamId(),
                "receiver", frame.receiverId(), "group_tag", frame.groupTag(), "code", frame.errorCode(),
                "destination", frame.destinationRegistrationId(), "text", frame.errorMessage())))
            .availableCounterHandler((reader, registrationId, id) -> record("counter-available", facts(
                "registration", registrationId, "id", id)))
            .unavailableCounterHandler((reader, registrationId, id) -> record("counter-unavailable", facts(
                "registration", registrationId, "id", id))));
        return facts("client", aeron.clientId());
    }

    private Map<String, Object> addPublication(final Command command)
    {
        final String channel = command.text("channel");
        final int streamId = (int)command.number("stream", 1);
        final Publication publication = command.text("kind", "shared").equals("exclusive") ?
            aeron.addExclusivePublication(channel, streamId) : aeron.addPublication(channel, streamId);
        publications.put(command.text("as"), publication);
        return facts(
            "registration", publication.registrationId(), "original", publication.originalRegistrationId(),
            "session", publication.sessionId(), "initial_term_id", publication.initialTermId(),
            "term_length", publication.termBufferLength(), "max_payload", publication.maxPayloadLength(),
            "max_message", publication.maxMessageLength(), "position", publication.position(),
            "channel_status", publication.channelStatus());
    }

    private Map<String, Object> addSubscription(final Command command)
    {
        final String name = command.text("as");
        final Subscription subscription = aeron.addSubscription(
            command.text("channel"), (int)command.number("stream", 1),
            (image) -> record("available", describe(name, image)),
            (image) -> record("unavailable", describe(name, image)));
        subscriptions.put(name, subscription);
        return facts("registration", subscription.registrationId(), "channel_status", subscription.channelStatus());
    }

    private Map<String, Object> addDestination(final Command command)
    {
        final Publication publication = publications.get(command.text("on"));
        final String channel = command.text("channel");
        if (null == publication)
        {
            subscriptions.get(command.text("on")).addDestination(channel);
            return Map.of();
        }
        if (null == command.text("with-id", null))
        {
            publication.addDestination(channel);
            return Map.of();
        }
        // Only the call that does not wait tells the id, and it does not tell the caller of errors.
        final long id = publication.asyncAddDestination(channel);
        waitUntil(command, "the driver's answer", () -> !aeron.isCommandActive(id));
        return facts("destination", id);
    }

    private Map<String, Object> removeDestination(final Command command)
    {
        final Publication publication = publications.get(command.text("on"));
        final long destination = command.number("id", Aeron.NULL_VALUE);
        if (Aeron.NULL_VALUE != destination)
        {
            publication.removeDestination(destination);
        }
        else if (null != publication)
        {
            publication.removeDestination(command.text("channel"));
        }
        else
        {
            subscriptions.get(command.text("on")).removeDestination(command.text("channel"));
        }
        return Map.of();
    }

    private Map<String, Object> await(final Command command)
    {
        final String name = command.text("on", "");
        final Publication publication = publications.get(name);
        final Subscription subscription = subscriptions.get(name);
        final String state = command.text("is");
        final long count = command.number("count", 1);
        waitUntil(command, state + " of " + name, () ->
        {
            switch (state)
            {
                case "connected":
                    return null != publication ? publication.isConnected() : subscription.isConnected();
                case "disconnected":
                    return !(null != publication ? publication.isConnected() : subscription.isConnected());
                case "images":
                    return subscription.imageCount() == count;
                case "closed":
                    return null != publication ? publication.isClosed() : subscription.isClosed();
                case "client-closed":
                    return aeron.isClosed();
                default:
                    throw new IllegalArgumentException("unknown state " + state);
            }
        });
        return Map.of();
    }

    private Map<String, Object> awaitEvent(final Command command)
    {
        final String kind = command.text("kind");
        final Event[] found = new Event[1];
        waitUntil(command, "event " + kind, () -> null != (found[0] = takeEvent(kind)));
        return found[0].facts;
    }

    private Map<String, Object> send(final Command command)
    {
        final Publication publication = publications.get(command.text("on"));
        final long publisher = command.number("publisher", 1);
        final long messages = command.number("messages", 1);
        final int[] lengths = lengths(command.text("lengths", "8"));
        final String method = command.text("method", "offer");
        int longest = 0;
        for (final int length : lengths)
        {
            longest = Math.max(longest, length);
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(longest + 8, 8));
        final long deadlineNs = command.deadlineNs();
        long checksum = 0;
        long position = 0;
        for (long i = command.number("first", 0), end = i + messages; i < end; i++)
        {
            final int length = lengths[(int)(i % lengths.length)];
            fill(buffer, publisher, i, length);
            checksum = mix(checksum, buffer, 0, length);
            final long reservedValue = i;
            int attempts = 0;
            while ((position = sendOne(publication, method, buffer, length, reservedValue)) < 0)
            {
                if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED)
                {
                    throw new IllegalStateException("message " + i + ": result " + position);
                }
                idle(++attempts, deadlineNs, "message " + i + " not taken: " + position);
            }
        }
        return facts("messages", messages, "checksum", Long.toHexString(checksum), "position", position);
    }

    private long sendOne(
        final Publication publication, final String method, final UnsafeBuffer buffer, final int length, final long value)
    {
        switch (method)
        {
            case "offer":
                return publication.offer(buffer, 0, length, (term, offset, frameLength) -> value);
            case "vector":
                final int half = length / 2;
                return publication.offer(new DirectBufferVector[]{
                    new DirectBufferVector(buffer, 0, 1),
                    new DirectBufferVector(buffer, 1, half - 1),
                    new DirectBufferVector(buffer, half, length - half)}, (term, offset, frameLength) -> value);
            case "claim":
                final BufferClaim one = new BufferClaim();
                final long result = publication.tryClaim(length, one);
                if (result > 0)
                {
                    one.buffer().putBytes(one.offset(), buffer, 0, length);
                    one.reservedValue(value);
                    one.commit();
                }
                return result;
            default:
                throw new IllegalArgumentException("unknown method " + method);
        }
    }

    /** Until so many messages came, or with 0 until every image that was there has ended. */
    private Map<String, Object> receive(final Command command)
    {
        final Subscription subscription = subscriptions.get(command.text("on"));
        final long wanted = command.number("messages", 0);
        final TreeMap<Integer, Received> received = new TreeMap<>();
        final long[] count = {0};
        final long[] end = {0};
        final FragmentAssembler assembler = new FragmentAssembler((buffer, offset, length, header) ->
        {
            final long first = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
            final Received from = received.computeIfAbsent((int)(first >>> 32), (id) -> new Received());
            final long index = first & 0xFFFF_FFFFL;
            from.inOrder &= (0 == from.messages || index == from.next) && header.reservedValue() == index;
            from.next = index + 1;
            from.messages++;
            from.checksum = mix(from.checksum, buffer, offset, length);
            end[0] = header.position();
            count[0]++;
        });
        final long deadlineNs = command.deadlineNs();
        int idleRounds = 0;
        while (0 == wanted ? subscription.imageCount() > 0 : count[0] < wanted)
        {
            final int fragments = subscription.poll(assembler, (int)Math.min(64, 0 == wanted ? 64 : wanted - count[0]));
            idleRounds = fragments > 0 ? 0 : idleRounds + 1;
            if (0 == fragments)
            {
                idle(idleRounds, deadlineNs, "received " + count[0] + " of " + wanted + " messages");
            }
        }
        final Map<String, Object> publishers = new LinkedHashMap<>();
        received.forEach((id, from) -> publishers.put(Integer.toString(id), facts(
            "messages", from.messages, "checksum", Long.toHexString(from.checksum), "in_order", from.inOrder)));
        return facts("messages", count[0], "publishers", publishers, "position", end[0]);
    }

    /** So many messages as they are. */
    private Map<String, Object> read(final Command command)
    {
        final Subscription subscription = subscriptions.get(command.text("on"));
        final long wanted = command.number("messages", 1);
        final List<Object> messages = new ArrayList<>();
        final FragmentAssembler assembler = new FragmentAssembler((buffer, offset, length, header) ->
        {
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            messages.add(facts("reserved", header.reservedValue(), "hex", HexFormat.of().formatHex(bytes)));
        });
        waitUntil(command, "messages", () ->
            subscription.poll(assembler, (int)(wanted - messages.size())) > 0 && messages.size() == wanted);
        return facts("messages", messages);
    }

    private Map<String, Object> claim(final Command command)
    {
        final Publication publication = publications.get(command.text("on"));
        final int length = (int)command.number("length", 64);
        final long[] position = new long[1];
        waitUntil(command, "claim", () -> (position[0] = publication.tryClaim(length, claim)) > 0);
        return facts("position", position[0]);
    }

    private Map<String, Object> close(final Command command)
    {
        final String name = command.text("on", "");
        if (name.isEmpty())
        {
            aeron.close();
        }
        else if (publications.containsKey(name))
        {
            publications.remove(name).close();
        }
        else if (subscriptions.containsKey(name))
        {
            subscriptions.remove(name).close();
        }
        else
        {
            counters.remove(name).close();
        }
        return Map.of();
    }

    /** Closes what was added and forgets what happened. */
    private Map<String, Object> reset()
    {
        publications.values().forEach(Publication::close);
        publications.clear();
        subscriptions.values().forEach(Subscription::close);
        subscriptions.clear();
        counters.values().forEach(Counter::close);
        counters.clear();
        synchronized (events)
        {
            events.clear();
        }
        return Map.of();
    }

    private Map<String, Object> addCounter(final Command command)
    {
        final byte[] key = HexFormat.of().parseHex(command.text("key", ""));
        final byte[] label = command.text("label", "").getBytes(StandardCharsets.UTF_8);
        final int typeId = (int)command.number("type", 1_000);
        final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
        final UnsafeBuffer labelBuffer = new UnsafeBuffer(label);
        final String registration = command.text("registration", null);
        final Counter counter = null == registration ?
            aeron.addCounter(typeId, keyBuffer, 0, key.length, labelBuffer, 0, label.length) :
            aeron.addStaticCounter(
                typeId, keyBuffer, 0, key.length, labelBuffer, 0, label.length, Long.parseLong(registration));
        counters.put(command.text("as"), counter);
        return facts("id", counter.id(), "registration", counter.registrationId());
    }

    private Map<String, Object> readCounters(final Command command)
    {
        final int wanted = (int)command.number("type", 1_000);
        final var reader = aeron.countersReader();
        final List<Object> found = new ArrayList<>();
        reader.forEach((id, typeId, key, label) ->
        {
            if (typeId == wanted)
            {
                final byte[] bytes = new byte[(int)command.number("key-length", 16)];
                key.getBytes(0, bytes);
                found.add(facts(
                    "id", id, "value", reader.getCounterValue(id), "label", label,
                    "key", HexFormat.of().formatHex(bytes), "registration", reader.getCounterRegistrationId(id),
                    "owner", reader.getCounterOwnerId(id), "reference", reader.getCounterReferenceId(id)));
            }
        });
        return facts("counters", found);
    }

    private static List<Object> images(final Subscription subscription)
    {
        final List<Object> images = new ArrayList<>();
        subscription.forEachImage((image) -> images.add(describe("", image)));
        return images;
    }

    private static Map<String, Object> describe(final String subscription, final Image image)
    {
        return facts(
            "subscription", subscription, "session", image.sessionId(), "position", image.position(),
            "join", image.joinPosition(), "source", image.sourceIdentity(), "ended", image.isEndOfStream(),
            "end", image.endOfStreamPosition() == Long.MAX_VALUE ? -1 : image.endOfStreamPosition(),
            "revoked", image.isPublicationRevoked(), "mtu", image.mtuLength(), "term_length", image.termBufferLength(),
            "initial_term_id", image.initialTermId(), "correlation", image.correlationId());
    }

    private static Map<String, Object> describe(final Throwable failure)
    {
        final int code =
            failure instanceof RegistrationException ? ((RegistrationException)failure).errorCodeValue() :
            failure instanceof DriverTimeoutException ? 1_000 :
            failure instanceof ClientTimeoutException ? 1_001 :
            failure instanceof ConductorServiceTimeoutException ? 1_002 : 2_000;
        return facts("code", code, "kind", failure.getClass().getSimpleName(), "text", "" + failure.getMessage());
    }

    private void record(final String kind, final Map<String, Object> facts)
    {
        synchronized (events)
        {
            events.add(new Event(kind, facts));
        }
    }

    private Event takeEvent(final String kind)
    {
        synchronized (events)
        {
            for (final Iterator<Event> each = events.iterator(); each.hasNext();)
            {
                final Event event = each.next();
                if (event.kind.equals(kind))
                {
                    each.remove();
                    return event;
                }
            }
            return null;
        }
    }

    private void waitUntil(final Command command, final String what, final BooleanSupplier condition)
    {
        final long deadlineNs = command.deadlineNs();
        for (int i = 1; !condition.getAsBoolean(); i++)
        {
            idle(100 + i, deadlineNs, what);
        }
    }

    private static void idle(final int rounds, final long deadlineNs, final String what)
    {
        if (rounds < 20)
        {
            Thread.yield();
            return;
        }
        if (System.nanoTime() - deadlineNs > 0)
        {
            throw new IllegalStateException("waited too long: " + what);
        }
        LockSupport.parkNanos(rounds < 100 ? 20_000 : 500_000);
    }

    private static int[] lengths(final String list)
    {
        final String[] parts = list.split(",");
        final int[] lengths = new int[parts.length];
        for (int i = 0; i < parts.length; i++)
        {
            lengths[i] = Integer.parseInt(parts[i]);
        }
        return lengths;
    }

    private static void fill(final UnsafeBuffer buffer, final long publisher, final long index, final int length)
    {
        final long first = publisher << 32 | index;
        buffer.putLong(0, first, ByteOrder.LITTLE_ENDIAN);
        long word = first * 0x9E3779B97F4A7C15L;
        for (int offset = 8; offset < length; offset += 8)
        {
            word += 0xBF58476D1CE4E5B9L;
            buffer.putLong(offset, word, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static long mix(final long checksum, final DirectBuffer buffer, final int offset, final int length)
    {
        long mixed = checksum;
        int i = 0;
        for (; i + 8 <= length; i += 8)
        {
            mixed = (mixed ^ buffer.getLong(offset + i, ByteOrder.LITTLE_ENDIAN)) * PRIME;
        }
        long tail = 0;
        for (int shift = 0; i < length; i++, shift += 8)
        {
            tail |= (buffer.getByte(offset + i) & 0xFFL) << shift;
        }
        mixed = (mixed ^ tail) * PRIME;
        return (mixed ^ length) * PRIME;
    }

    private static Map<String, Object> facts(final Object... pairs)
    {
        final Map<String, Object> facts = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2)
        {
            facts.put((String)pairs[i], pairs[i + 1]);
        }
        return facts;
    }

    private static String json(final Object value)
    {
        if (value instanceof Map)
        {
            final StringBuilder text = new StringBuilder("{");
            ((Map<?, ?>)value).forEach((name, member) ->
                text.append(text.length() > 1 ? "," : "").append(json(name)).append(':').append(json(member)));
            return text.append('}').toString();
        }
        if (value instanceof List)
        {
            final StringBuilder text = new StringBuilder("[");
            ((List<?>)value).forEach((member) -> text.append(text.length() > 1 ? "," : "").append(json(member)));
            return text.append(']').toString();
        }
        if (value instanceof String)
        {
            final StringBuilder text = new StringBuilder("\"");
            ((String)value).chars().forEach((c) ->
            {
                if (c == '"' || c == '\\')
                {
                    text.append('\\').append((char)c);
                }
                else
                {
                    text.append(c < ' ' ? String.format("\\u%04x", c) : Character.toString(c));
                }
            });
            return text.append('"').toString();
        }
        return String.valueOf(value);
    }
}

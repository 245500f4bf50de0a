/// The scenery for tests and fuzzers of the receiver: a network that is a list of datagrams, a clock that stands still,
/// and images whose logs are plain memory. The test plays the conductor and the senders. One thread. For tests only.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/driver/receiver/receiver.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/logbuffer/test_log.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::driver {

using namespace std::chrono_literals;

using Datagram = std::vector<std::byte>;

inline net::SocketAddress address_of(const std::uint8_t last_byte, const std::uint16_t port) {
    return net::SocketAddress::ipv4({10, 0, 0, last_byte}, port);
}

/// Where the frames of tests come from unless they say otherwise.
inline const net::SocketAddress sender_address = address_of(1, 40'000);

/// A frame as it left.
struct SentFrame {
    Datagram bytes;
    net::SocketAddress address;

    [[nodiscard]] wire::FrameType type() const { return static_cast<wire::FrameType>(wire::frame_header(bytes).type); }
};

/// Keeps what it sends.
class RecordingSocket final : public net::UdpSocket {
public:
    net::SendOutcome send(const std::span<const net::DatagramRun> runs,
                          const net::SocketAddress* const destination) noexcept override {
        if (refusal) {
            return *refusal;
        }
        std::int64_t bytes = 0;
        for (const net::DatagramRun& run : runs) {
            sent.push_back({.bytes = {run.data, run.data + run.length}, .address = *destination});
            bytes += run.length;
        }
        return {.bytes_sent = bytes, .is_complete = true};
    }
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const net::SocketAddress& /*remote*/) override {
        return std::nullopt;
    }
    [[nodiscard]] const net::SocketAddress& local_address() const noexcept override { return local; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return 131'072; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return 131'072; }

    /// What it sent since this was called last.
    [[nodiscard]] std::vector<SentFrame> take_sent() { return std::exchange(sent, {}); }

    net::SocketAddress local = address_of(2, 40'000);
    std::vector<SentFrame> sent;
    std::optional<net::SendOutcome> refusal;
};

/// Hands over, at the next poll, what tests have put into it.
class ScriptedPoller final : public net::SocketPoller {
public:
    void add(net::UdpSocket& socket, net::ReceiveHandler& handler) override { handlers_.emplace(&socket, &handler); }
    void remove(net::UdpSocket& socket) override { handlers_.erase(&socket); }
    std::int64_t poll() override {
        ++poll_count;
        std::int64_t bytes = 0;
        for (Incoming& incoming : std::exchange(incoming_, {})) {
            const auto handler = handlers_.find(incoming.socket);
            if (handler == handlers_.end()) {
                continue;
            }
            bytes += static_cast<std::int64_t>(incoming.bytes.size());
            handler->second->on_datagrams({.bytes = incoming.bytes,
                                           .segment_length = incoming.segment_length,
                                           .source = incoming.source,
                                           .media_timestamp_ns = incoming.media_timestamp_ns});
        }
        return bytes;
    }

    struct Incoming {
        net::UdpSocket* socket = nullptr;
        Datagram bytes;
        std::uint32_t segment_length = 0;
        net::SocketAddress source;
        std::int64_t media_timestamp_ns = 0;
    };
    void deliver(Incoming incoming) { incoming_.push_back(std::move(incoming)); }
    [[nodiscard]] std::size_t socket_count() const { return handlers_.size(); }
    [[nodiscard]] bool has(net::UdpSocket& socket) const { return handlers_.contains(&socket); }

    int poll_count = 0;

private:
    std::map<net::UdpSocket*, net::ReceiveHandler*> handlers_;
    std::vector<Incoming> incoming_;
};

/// The stream of the tests: session, stream and first term are those of `logbuffer::vector_params`.
struct ArrivingStream {
    std::int32_t session_id = 0x11223344;
    std::int32_t stream_id = 1001;
    std::int32_t initial_term_id = 7;
    std::int32_t term_length = 65'536;

    [[nodiscard]] StreamSession id() const { return {.stream_id = stream_id, .session_id = SessionId{session_id}}; }
    [[nodiscard]] std::int32_t term_id_of(const std::int64_t position) const {
        return logbuffer::term_id_of_position(position, logbuffer::position_bits_to_shift(term_length),
                                              initial_term_id);
    }
    [[nodiscard]] std::int32_t offset_of(const std::int64_t position) const {
        return logbuffer::term_offset_of_position(position, term_length);
    }

    /// A datagram of one data frame with a payload of `length` bytes, each of them `fill`.
    [[nodiscard]] Datagram data(const std::int64_t position, const std::int32_t length, const char fill = 'a',
                                const std::uint8_t flags = logbuffer::frame_flag::unfragmented) const {
        Datagram bytes(static_cast<std::size_t>(logbuffer::align_frame(length + logbuffer::frame_header_length)));
        const logbuffer::DataHeader header =
            header_of(position, length + logbuffer::frame_header_length, logbuffer::FrameType::data, flags);
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memset(bytes.data() + sizeof header, fill, static_cast<std::size_t>(length));
        return bytes;
    }
    /// Padding of `length` bytes with its header, which alone travels.
    [[nodiscard]] Datagram padding(const std::int64_t position, const std::int32_t length) const {
        Datagram bytes(sizeof(logbuffer::DataHeader));
        const logbuffer::DataHeader header =
            header_of(position, length, logbuffer::FrameType::padding, logbuffer::frame_flag::unfragmented);
        std::memcpy(bytes.data(), &header, sizeof header);
        return bytes;
    }
    [[nodiscard]] Datagram heartbeat(const std::int64_t position,
                                     const std::uint8_t flags = logbuffer::frame_flag::unfragmented) const {
        Datagram bytes(wire::Heartbeat::length);
        wire::encode(wire::Heartbeat{.flags = flags,
                                     .term_offset = offset_of(position),
                                     .session_id = session_id,
                                     .stream_id = stream_id,
                                     .term_id = term_id_of(position)},
                     bytes);
        return bytes;
    }
    [[nodiscard]] Datagram end_of_stream(const std::int64_t position) const { return heartbeat(position, 0xE0); }
    [[nodiscard]] Datagram revocation(const std::int64_t position) const { return heartbeat(position, 0xF0); }
    [[nodiscard]] wire::Setup setup(const std::int64_t position = 0) const {
        return {.term_offset = offset_of(position),
                .session_id = session_id,
                .stream_id = stream_id,
                .initial_term_id = initial_term_id,
                .active_term_id = term_id_of(position),
                .term_length = term_length,
                .mtu_length = 1'408};
    }

private:
    [[nodiscard]] logbuffer::DataHeader header_of(const std::int64_t position, const std::int32_t frame_length,
                                                  const logbuffer::FrameType type, const std::uint8_t flags) const {
        return {.frame_length = frame_length,
                .flags = flags,
                .type = static_cast<std::int16_t>(type),
                .term_offset = offset_of(position),
                .session_id = session_id,
                .stream_id = stream_id,
                .term_id = term_id_of(position)};
    }
};

template <typename Frame>
Datagram encoded(const Frame& frame) {
    Datagram bytes(64);
    bytes.resize(wire::encode(frame, bytes));
    return bytes;
}

inline Datagram concatenated(const std::vector<Datagram>& parts) {
    Datagram bytes;
    for (const Datagram& part : parts) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return bytes;
}

/// An image as the conductor makes one: with its log and counters.
struct TestImage {
    std::unique_ptr<logbuffer::TestLog> log;
    std::unique_ptr<ImageReceiver> receiver;
    shm::AtomicCounter high_water_mark;
    shm::AtomicCounter naks_sent;

    [[nodiscard]] ImageSignals& signals() const { return receiver->signals(); }
    /// What is in the log at a position of the first three terms.
    [[nodiscard]] std::int32_t frame_length_at(const std::int64_t position) const {
        return header_at(position).frame_length;
    }
    [[nodiscard]] const logbuffer::DataHeader& header_at(const std::int64_t position) const {
        return logbuffer::header_at(static_cast<const std::byte*>(log->bytes().data() + position));
    }
    [[nodiscard]] std::string payload_at(const std::int64_t position) const {
        const auto length = static_cast<std::size_t>(frame_length_at(position) - logbuffer::frame_header_length);
        return logbuffer::text_of(log->bytes().subspan(static_cast<std::size_t>(position) + 32, length));
    }
};

struct ImageOptions {
    ArrivingStream stream;
    std::int64_t join_position = 0;
    std::int64_t window_length = 32'768;
    bool is_reliable = true;
    bool measures_rtt = false;
};

class ReceiverScenery {
public:
    ReceiverScenery() { clock.advance(10s); }

    [[nodiscard]] std::int64_t now_ns() { return clock.nano_time(); }
    [[nodiscard]] std::int64_t counter(const SystemCounter counter) const { return system_counters.value(counter); }
    /// One duty cycle.
    int step() { return receiver.do_work(); }
    /// Executes every command that is waiting.
    void settle() {
        while (step() > 0) {
        }
    }
    void command(ReceiverCommand command) {
        commands.push(std::move(command));
        step();
    }
    /// The events since this was called last.
    [[nodiscard]] std::deque<ReceiverEvent> take_events() {
        std::deque<ReceiverEvent> taken;
        events.take_all(taken);
        return taken;
    }
    /// How many events of a kind there were since events were taken last.
    template <typename Event>
    [[nodiscard]] std::vector<Event> take_events_of() {
        std::vector<Event> found;
        for (const ReceiverEvent& event : take_events()) {
            if (const auto* const wanted = std::get_if<Event>(&event)) {
                found.push_back(*wanted);
            }
        }
        return found;
    }
    [[nodiscard]] std::vector<std::string> error_texts() const {
        std::vector<std::string> texts;
        ErrorLogReader{std::as_bytes(std::span{error_words})}.for_each(
            [&](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }

    // Endpoints. Those of tests live as long as the fixture.

    [[nodiscard]] ReceiveDestination& make_destination(ReceiveDestinationSpec spec = {}) {
        auto socket = std::make_unique<RecordingSocket>();
        sockets_.push_back(socket.get());
        destinations_.push_back(std::make_unique<ReceiveDestination>(std::move(spec), std::move(socket)));
        return *destinations_.back();
    }
    [[nodiscard]] ReceiveEndpoint& make_endpoint(const std::vector<ReceiveDestination*>& destinations,
                                                 const ReceiveEndpointSpec& spec = {.receiver_id = 4711}) {
        endpoints_.push_back(std::make_unique<ReceiveEndpoint>(spec, context));
        for (ReceiveDestination* const destination : destinations) {
            endpoints_.back()->add_first(*destination);
        }
        return *endpoints_.back();
    }
    static RecordingSocket& socket_of(const ReceiveDestination& destination) {
        return static_cast<RecordingSocket&>(destination.socket());
    }

    // Frames.

    void deliver(const ReceiveDestination& destination, const Datagram& datagram,
                 const net::SocketAddress& source = sender_address) {
        deliver_run(destination, {datagram}, source);
    }
    /// Datagrams of equal length, but for the last, which may be shorter; as one run.
    void deliver_run(const ReceiveDestination& destination, const std::vector<Datagram>& datagrams,
                     const net::SocketAddress& source = sender_address, const std::int64_t media_timestamp_ns = 0) {
        poller.deliver({.socket = &destination.socket(),
                        .bytes = concatenated(datagrams),
                        .segment_length = static_cast<std::uint32_t>(datagrams.front().size()),
                        .source = source,
                        .media_timestamp_ns = media_timestamp_ns});
        step();
    }

    // Images.

    [[nodiscard]] TestImage make_image(ReceiveEndpoint& endpoint, ReceiveDestination& destination,
                                       const ImageOptions& options = {}) {
        TestImage image;
        logbuffer::LogParams params = logbuffer::vector_params();
        params.session_id = options.stream.session_id;
        params.stream_id = options.stream.stream_id;
        params.initial_term_id = options.stream.initial_term_id;
        params.term_length = options.stream.term_length;
        image.log = std::make_unique<logbuffer::TestLog>(params);
        image.high_water_mark = shm::AtomicCounter{values_.emplace_back(options.join_position)};
        image.naks_sent = shm::AtomicCounter{values_.emplace_back(0)};
        image.receiver =
            std::make_unique<ImageReceiver>(ImageReceiverSpec{.endpoint = &endpoint,
                                                              .destination = &destination,
                                                              .source = sender_address,
                                                              .correlation_id = 1,
                                                              .session_id = SessionId{options.stream.session_id},
                                                              .stream_id = options.stream.stream_id,
                                                              .log = image.log->view(),
                                                              .join_position = options.join_position,
                                                              .max_window_length = options.window_length,
                                                              .is_reliable = options.is_reliable,
                                                              .measures_rtt = options.measures_rtt,
                                                              .now_ns = now_ns(),
                                                              .high_water_mark = image.high_water_mark,
                                                              .naks_sent = image.naks_sent},
                                            context);
        image.signals().status.store({.position = options.join_position, .window_length = options.window_length});
        return image;
    }

    ManualClock clock;
    TestCounters counters;
    SystemCounters system_counters{counters.manager, {}};
    std::vector<std::int64_t> error_words = std::vector<std::int64_t>(4'096);
    shm::DistinctErrorLog error_log{std::as_writable_bytes(std::span{error_words}), clock};
    DriverErrors errors{error_log, system_counters};
    ScriptedPoller poller;
    ReceiverCommands commands;
    ReceiverEvents events;
    ReceiverContext context{.nano_clock = clock,
                            .epoch_clock = clock,
                            .poller = poller,
                            .system_counters = system_counters,
                            .errors = errors,
                            .commands = commands,
                            .events = events,
                            .settings = {}};
    Receiver receiver{context};

private:
    std::deque<std::int64_t> values_;  // of counters
    std::vector<RecordingSocket*> sockets_;
    std::vector<std::unique_ptr<ReceiveDestination>> destinations_;
    std::vector<std::unique_ptr<ReceiveEndpoint>> endpoints_;
};

}  // namespace cpperon::driver

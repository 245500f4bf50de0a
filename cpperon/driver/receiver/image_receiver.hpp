/// The receiver's half of an image: inserts what arrives, and sends status messages, NAKs, errors and response setups.
/// Made by the conductor, used by the receiver from `AddImage` until `ImageReleased`. spec: 04 §9.4 to §9.7
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/receiver/image_connections.hpp"
#include "cpperon/driver/receiver/image_signals.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::driver {

class ReceiveDestination;
class ReceiveEndpoint;

struct ImageReceiverSpec {
    ReceiveEndpoint* endpoint = nullptr;        ///< outlives the image
    ReceiveDestination* destination = nullptr;  ///< through which the SETUP came
    net::SocketAddress source;                  ///< of the SETUP
    std::int64_t correlation_id = 0;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    logbuffer::LogView log;  ///< outlives the image; its initial term id and length are the SETUP's
    std::int64_t join_position = 0;
    std::int64_t max_window_length = 0;  ///< of congestion control
    bool is_reliable = true;
    bool measures_rtt = false;
    std::int64_t initial_rtt_ns = 100'000;
    std::int64_t now_ns = 0;             ///< time of creation
    shm::AtomicCounter high_water_mark;  ///< `rcv-hwm`, at the join position
    shm::AtomicCounter naks_sent;        ///< `rcv-naks-sent`
};

class ImageReceiver {
public:
    ImageReceiver(const ImageReceiverSpec& spec, ReceiverContext& context);

    /// What it shares with the conductor. Any thread.
    [[nodiscard]] ImageSignals& signals() noexcept { return signals_; }

    // Receiver, from here on.

    [[nodiscard]] ReceiveEndpoint* endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] SessionId session_id() const noexcept { return spec_.session_id; }
    [[nodiscard]] std::int32_t stream_id() const noexcept { return spec_.stream_id; }
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

    // What arrives.

    /// Takes a data datagram that passed `check_datagram` and is for this stream and session. What others see of the
    /// image, but for the frames themselves, changes with the `publish_arrivals` that must follow when the image or the
    /// run ends. The result is why the datagram is not believed, if it is not. spec: 04 §9.4
    [[nodiscard]] wire::Fault insert(std::span<const std::byte> datagram, const Arrival& arrival);
    void publish_arrivals(const Arrival& arrival);

    void on_setup(const Arrival& arrival) { connections_.on_frame(arrival); }
    void on_rtt_answer(const wire::RttMeasurement& answer, std::int64_t now_ns) noexcept;

    // What the conductor wants.

    void add_destination(ReceiveDestination& destination, const std::int64_t now_ns) {
        connections_.add(destination, now_ns);
    }
    void remove_destination(const ReceiveDestination& destination) { connections_.remove(destination); }
    /// Forgets those that are none of these, without touching them.
    void keep_destinations(const std::span<ReceiveDestination* const> destinations) { connections_.keep(destinations); }
    /// The endpoint goes before the image does.
    void detach() noexcept;
    /// A newer image of the session speaks for this receiver now.
    void disable_status_messages() noexcept { sends_status_messages_ = false; }
    /// Inserts nothing more, and says so. `reason` is cut to what an error frame carries. spec: 04 §9.10
    void reject(std::string reason);

    /// Sends what is due. Returns how much was done.
    int do_work(std::int64_t now_ns);

private:
    void insert_data(std::span<const std::byte> datagram, std::int64_t position, std::int32_t length);
    void on_heartbeat(std::uint8_t flags, std::int64_t position, const Arrival& arrival);
    void on_end_of_stream(bool is_revoked, std::int64_t position, const Arrival& arrival);

    int send_status(std::int64_t now_ns);
    int send_error(std::int64_t now_ns);
    void send_response_setup(std::int64_t now_ns);
    void send_status_message(std::int64_t now_ns);
    int act_on_gap(std::int64_t now_ns);
    void send_nak(const ReportedGap& gap, std::int64_t now_ns);
    void fill_gap(const ReportedGap& gap);
    int measure_rtt(std::int64_t now_ns);
    /// Sends one frame on each live connection; returns how many left.
    template <typename Frame>
    std::int64_t send_on_live_connections(const Frame& frame, std::int64_t now_ns);

    // Receiver only: looked at in every duty cycle, by itself, so that a thousand images can be.
    alignas(64) ReceiveEndpoint* endpoint_;  // null once it is gone
    std::int64_t status_deadline_ns_;
    std::int64_t rtt_deadline_ns_;  // of images that do not measure: never
    std::unique_ptr<const std::string> reason_of_rejection_;
    bool sends_status_messages_ = true;
    ImageSignals signals_;

    // Constant after construction.
    ImageReceiverSpec spec_;
    ReceiverContext& context_;

    // Receiver only: the window that is accepted, and what has come in of it.
    std::int64_t last_status_position_;
    std::int64_t overrun_threshold_;
    std::int64_t high_water_mark_;  // may be ahead of the counter until `publish_arrivals`
    bool has_new_packet_ = false;   // since the last `publish_arrivals`; so the next
    bool has_connection_arrival_ = false;
    bool is_revoked_ = false;
    bool has_ended_ = false;

    // Receiver only: what is sent.
    ScheduledStatus scheduled_status_;
    std::int64_t rtt_timeout_ns_;
    ImageConnections connections_;
};

}  // namespace cpperon::driver

/// The sender's half of a network publication: SETUP, data, heartbeats, retransmits, and what receivers say about it.
/// Made by the conductor, used by the sender from `AddPublication` until `PublicationReleased`. spec: 04 §6
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/sender/datagram_batch.hpp"
#include "cpperon/driver/sender/flow_control.hpp"
#include "cpperon/driver/sender/live_receivers.hpp"
#include "cpperon/driver/sender/publication_signals.hpp"
#include "cpperon/driver/sender/retransmit_handler.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::driver {

class SendEndpoint;

/// Events of all publications together, caused by receivers, that may wait for the conductor: each of them takes one of
/// its duty cycles.
inline constexpr std::size_t max_waiting_receiver_events = 4'096;

struct PublicationSenderSpec {
    SendEndpoint* endpoint = nullptr;  ///< outlives the publication
    std::int64_t registration_id = 0;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    logbuffer::LogView log;  ///< outlives the publication
    std::int64_t start_position = 0;
    std::unique_ptr<FlowControl> flow_control;
    bool has_group_semantics = false;
    bool signals_eos = true;
    bool spies_simulate_connection = false;
    bool is_response = false;  ///< `control-mode=response`: silent until a SEND_SETUP reveals the peer
    std::int64_t response_correlation_id = -1;
    std::int32_t max_resend = 16;
    std::int32_t max_messages_per_send = 4;  ///< runs per duty cycle; without segmentation offload datagrams
    std::int64_t connection_timeout_ns = 5'000'000'000;
    std::int64_t retransmit_delay_ns = 0;
    std::int64_t retransmit_linger_ns = 10'000'000;
    std::int64_t now_ns = 0;                  ///< time of creation
    shm::AtomicCounter sender_position;       ///< `snd-pos`, at the start position
    shm::AtomicCounter sender_limit;          ///< `snd-lmt`, at the start position
    shm::AtomicCounter back_pressure_events;  ///< `snd-bpe`
    shm::AtomicCounter naks_received;         ///< `snd-naks-received`
    std::string channel;                      ///< as the publication's client wrote it; for the event log
};

class PublicationSender {
public:
    /// `context` outlives the object.
    PublicationSender(PublicationSenderSpec spec, SenderContext& context);
    PublicationSender(const PublicationSender&) = delete;
    PublicationSender& operator=(const PublicationSender&) = delete;

    // Any thread.

    /// Shared with the conductor, field by field.
    [[nodiscard]] PublicationSignals& signals() noexcept { return signals_; }
    [[nodiscard]] const PublicationSignals& signals() const noexcept { return signals_; }
    [[nodiscard]] SendEndpoint& endpoint() const noexcept { return *spec_.endpoint; }
    [[nodiscard]] SessionId session_id() const noexcept { return spec_.session_id; }
    [[nodiscard]] std::int32_t stream_id() const noexcept { return spec_.stream_id; }
    [[nodiscard]] std::int32_t term_length() const noexcept { return spec_.log.term_length(); }
    [[nodiscard]] const std::string& channel() const noexcept { return spec_.channel; }

    // The sender: its duty cycle.

    /// Sends what is due: SETUP, data as far as flow control allows, else a heartbeat, delayed retransmits. Returns the
    /// bytes of data and heartbeats that left. spec: 04 §6.3
    [[nodiscard]] std::int64_t send(std::int64_t now_ns);

    // The sender: what receivers say. Frames have passed the checks of spec 04 §3.3.

    void on_nak(const wire::Nak& nak, std::int64_t now_ns);
    /// Whether the position of a status message that does not ask for a SETUP is one that a receiver can be at.
    [[nodiscard]] bool is_near(const wire::StatusMessage& status) const noexcept;
    void on_status(const wire::StatusMessage& status, std::int64_t now_ns);
    /// A status message that asks for a SETUP.
    void on_setup_elicited(const wire::StatusMessage& status, const net::SocketAddress& source);
    /// `destination_registration_id`: that the receiver belongs to; -1: none.
    void on_error(const wire::ErrorFrame& error, std::int64_t destination_registration_id,
                  const net::SocketAddress& source);
    void on_rtt_measurement(const wire::RttMeasurement& measurement);
    void on_response_setup(const wire::ResponseSetup& setup);

private:
    [[nodiscard]] bool has_destination() const noexcept { return !spec_.is_response || response_address_.has_value(); }
    [[nodiscard]] bool is_end_of_stream() const noexcept;

    void send_setup_if_due(std::int64_t now_ns);
    [[nodiscard]] std::int64_t send_data(std::int64_t now_ns);
    [[nodiscard]] std::int64_t send_heartbeat_if_due(std::int64_t now_ns);
    void idle(std::int64_t now_ns);
    void resend(const TermRange& range);
    net::SendOutcome send_batch();
    net::SendOutcome send_frame(std::span<const std::byte> frame);

    bool tell_conductor(SenderEvent event);
    void on_no_room();
    std::int64_t send_heartbeat(std::int64_t position, std::uint8_t flags);
    [[nodiscard]] std::uint8_t heartbeat_flags() const noexcept;
    void on_back_pressure() noexcept;
    void move_to(std::int64_t position) noexcept;
    void set_limit(std::int64_t limit) noexcept;
    void publish_receivers();
    void publish_connection() noexcept;

    // Constant after construction; the counters are written by the sender.
    PublicationSenderSpec spec_;
    SenderContext& context_;
    std::size_t max_runs_;

    // Sender only.
    std::int64_t position_;  // what is in the counters is for others to read
    std::int64_t limit_;
    std::int32_t trailing_padding_ = 0;  // that lies before position_
    std::int64_t time_of_last_setup_ns_;
    std::int64_t time_of_last_send_ns_;  // of data or a heartbeat
    bool has_initial_connection_ = false;
    bool is_setup_elicited_ = false;
    bool has_receivers_ = false;
    bool has_required_receivers_ = true;
    bool tracks_back_pressure_ = false;     // it was not counted yet since data were sent
    bool owes_response_connected_ = false;  // the conductor had no room for it
    bool has_logged_no_room_ = false;
    bool has_logged_lost_event_ = false;
    LiveReceivers receivers_;
    RetransmitHandler retransmits_;
    DatagramBatch batch_;
    std::optional<net::SocketAddress> response_address_;

    // Between conductor and sender.
    alignas(64) PublicationSignals signals_;
};

}  // namespace cpperon::driver

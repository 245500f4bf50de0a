/// The conductor's record of a send endpoint: the channel that created it, its counters, and who publishes on it. Made
/// with the first publication, closed with the last. Conductor only. spec: 06 §13.1, 05 §6.3
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/taken_port.hpp"
#include "cpperon/driver/sender/send_endpoint.hpp"
#include "cpperon/net/udp_channel.hpp"

namespace cpperon::driver {

class SendChannel {
public:
    struct Counters {
        OwnedCounter status;         ///< `snd-channel`
        OwnedCounter local_address;  ///< `snd-local-sockaddr`
        OwnedCounter destinations;   ///< `mdc-num-dest`; only of channels with several destinations
    };

    /// How its sockets talk to the world.
    struct Endpoint {
        SendEndpointSpec spec;
        TakenPort port;
        std::unique_ptr<net::UdpSocket> socket;
    };

    /// The sender does not know it yet, and may never get to: then it can simply be dropped. `context` outlives it.
    SendChannel(net::UdpChannel channel, Counters counters, Endpoint endpoint, SenderContext& context);
    SendChannel(const SendChannel&) = delete;
    SendChannel& operator=(const SendChannel&) = delete;

    /// Of the publication that created it.
    [[nodiscard]] const net::UdpChannel& channel() const noexcept { return channel_; }
    [[nodiscard]] SendEndpoint& endpoint() noexcept { return endpoint_; }
    [[nodiscard]] bool is(const SendEndpoint* const endpoint) const noexcept { return endpoint == &endpoint_; }
    [[nodiscard]] std::int32_t status_counter_id() const noexcept { return counters_.status.id(); }

    /// Hands it to the sender.
    void start();

    /// Where it sends to by now. spec: 04 §13.3
    [[nodiscard]] const net::SocketAddress& remote_data() const noexcept { return remote_data_; }
    void set_remote_data(const net::SocketAddress& address) noexcept { remote_data_ = address; }

    /// Nobody can join any longer: it goes when the sender has released it.
    [[nodiscard]] bool is_closing() const noexcept { return is_closing_; }

private:
    friend class SendChannelReference;

    void add_reference() noexcept { ++references_; }
    void drop_reference();

    // Constant after construction.
    net::UdpChannel channel_;
    SenderContext& context_;
    Counters counters_;
    TakenPort port_;
    SendEndpoint endpoint_;
    // The life.
    net::SocketAddress remote_data_;
    std::int32_t references_ = 0;
    bool is_started_ = false;
    bool is_closing_ = false;
};

/// Keeps a send channel open. Movable; a moved-from or default-constructed one refers to nothing.
class SendChannelReference {
public:
    SendChannelReference() noexcept = default;
    /// The channel stays in the conductor's list until its last reference is gone.
    explicit SendChannelReference(SendChannel& channel) noexcept : channel_(&channel) { channel.add_reference(); }
    SendChannelReference(SendChannelReference&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
    SendChannelReference& operator=(SendChannelReference&& other) noexcept {
        SendChannelReference taken{std::move(other)};
        std::swap(channel_, taken.channel_);
        return *this;
    }
    SendChannelReference(const SendChannelReference&) = delete;
    SendChannelReference& operator=(const SendChannelReference&) = delete;
    ~SendChannelReference() {
        if (channel_ != nullptr) {
            channel_->drop_reference();
        }
    }

    [[nodiscard]] explicit operator bool() const noexcept { return channel_ != nullptr; }
    [[nodiscard]] SendChannel& channel() const noexcept { return *channel_; }

private:
    SendChannel* channel_ = nullptr;
};

/// The endpoint that serves `channel`: by its tag, or by its canonical form; null where there is none yet. Throws
/// `RegistrationError` where the tag names one that does not fit, or only an existing one could do, and, to be retried,
/// where it is closing. spec: 05 §6.3
[[nodiscard]] SendChannel* find_send_channel(ConductorState& state, const net::UdpChannel& channel);

/// Opens an endpoint for a publication; it is in no list yet. Throws `RegistrationError` where no port is left or the
/// socket does not open, `Error` where no counter is free. spec: 06 §13.1, 05 §8
[[nodiscard]] std::unique_ptr<SendChannel> create_send_channel(ConductorState& state, const net::UdpChannel& channel,
                                                               std::int64_t correlation_id);

/// The channel of an endpoint that the sender has said something about, or null.
[[nodiscard]] SendChannel* find_send_channel(const ConductorState& state, const SendEndpoint* endpoint);

}  // namespace cpperon::driver

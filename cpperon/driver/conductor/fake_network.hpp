/// The network as tests of the conductor see it: sockets that open and record, and names that resolve when the test
/// says so. One thread. For tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/udp_channel.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

class FakeUdpTransport;

/// Knows how it was opened; takes everything that is sent.
class FakeUdpSocket final : public net::UdpSocket {
public:
    FakeUdpSocket(FakeUdpTransport& transport, net::SocketSpec spec, const net::SocketAddress& local_address,
                  const net::SocketBufferLengths& granted);
    FakeUdpSocket(const FakeUdpSocket&) = delete;
    FakeUdpSocket& operator=(const FakeUdpSocket&) = delete;
    ~FakeUdpSocket() override;

    net::SendOutcome send(const std::span<const net::DatagramRun> runs,
                          const net::SocketAddress* /*destination*/) noexcept override {
        std::int64_t bytes = 0;
        for (const net::DatagramRun& run : runs) {
            bytes += run.length;
        }
        return {.bytes_sent = bytes, .is_complete = true};
    }
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const net::SocketAddress& remote) override {
        spec_.connect_to = remote;
        return std::nullopt;
    }
    [[nodiscard]] const net::SocketAddress& local_address() const noexcept override { return local_address_; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return granted_.send; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return granted_.receive; }

    [[nodiscard]] const net::SocketSpec& spec() const noexcept { return spec_; }

private:
    FakeUdpTransport& transport_;
    net::SocketSpec spec_;
    net::SocketAddress local_address_;
    net::SocketBufferLengths granted_;
};

/// Receives nothing; knows who wants to.
class FakeUdpPoller final : public net::SocketPoller {
public:
    void add(net::UdpSocket& /*socket*/, net::ReceiveHandler& handler) override { handlers_.push_back(&handler); }
    void remove(net::UdpSocket& /*socket*/) override {}
    std::int64_t poll() override { return 0; }

    /// How many sockets were added, ever; and whose was the last.
    [[nodiscard]] int count() const { return static_cast<int>(handlers_.size()); }
    [[nodiscard]] net::ReceiveHandler& last_handler() const { return *handlers_.back(); }

private:
    std::vector<net::ReceiveHandler*> handlers_;
};

/// Opens every socket, unless told otherwise. Those that leave their port open get 40001, 40002, and so on.
class FakeUdpTransport final : public net::UdpTransport {
public:
    [[nodiscard]] Result<std::unique_ptr<net::UdpSocket>> open(const net::SocketSpec& spec) override {
        if (failure_) {
            return *failure_;
        }
        opened_.push_back(spec);
        net::SocketAddress local = spec.bind_address;
        if (local.port() == 0) {
            local = local.with_port(next_port_++);
        }
        const net::SocketBufferLengths granted{
            .send = spec.send_buffer_length > 0 ? spec.send_buffer_length : default_buffers.send,
            .receive = spec.receive_buffer_length > 0 ? spec.receive_buffer_length : default_buffers.receive};
        return std::unique_ptr<net::UdpSocket>{std::make_unique<FakeUdpSocket>(*this, spec, local, granted)};
    }
    [[nodiscard]] std::unique_ptr<net::SocketPoller> make_poller(std::size_t /*batches_per_poll*/) override {
        return std::make_unique<FakeUdpPoller>();
    }
    [[nodiscard]] std::vector<net::NetworkInterface> interfaces() override;
    [[nodiscard]] net::SocketBufferLengths probe_buffers(const net::SocketBufferLengths& wanted) override {
        return {.send = wanted.send > 0 ? wanted.send : default_buffers.send,
                .receive = wanted.receive > 0 ? wanted.receive : default_buffers.receive};
    }

    /// From now on no socket opens.
    void fail_with(const ErrorInfo& failure) { failure_ = failure; }
    void recover() { failure_.reset(); }

    /// Every socket that was ever opened, in order.
    [[nodiscard]] const std::vector<net::SocketSpec>& opened() const { return opened_; }
    /// How many are open now.
    [[nodiscard]] int open_sockets() const { return static_cast<int>(open_.size()); }
    /// The one that is open and was opened last.
    [[nodiscard]] FakeUdpSocket& last_socket() const { return *open_.back(); }

    /// What the system grants a socket that asks for nothing.
    net::SocketBufferLengths default_buffers{.send = 212'992, .receive = 212'992};

private:
    friend class FakeUdpSocket;

    std::optional<ErrorInfo> failure_;
    std::vector<net::SocketSpec> opened_;
    std::vector<FakeUdpSocket*> open_;
    std::uint16_t next_port_ = 40'001;
};

inline FakeUdpSocket::FakeUdpSocket(FakeUdpTransport& transport, net::SocketSpec spec,
                                    const net::SocketAddress& local_address, const net::SocketBufferLengths& granted)
    : transport_(transport), spec_(std::move(spec)), local_address_(local_address), granted_(granted) {
    transport_.open_.push_back(this);
}

inline FakeUdpSocket::~FakeUdpSocket() {
    std::erase(transport_.open_, this);
}

/// The interfaces of the host that channels are resolved on: eth0 192.0.2.2/24 and lo.
[[nodiscard]] inline std::vector<net::NetworkInterface> fake_interfaces() {
    return {{.name = "lo",
             .index = 1,
             .address = net::SocketAddress::ipv4({127, 0, 0, 1}, 0),
             .prefix_length = 8,
             .is_up = true,
             .is_loopback = true},
            {.name = "lo",
             .index = 1,
             .address = net::SocketAddress::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0),
             .prefix_length = 128,
             .is_up = true,
             .is_loopback = true},
            {.name = "eth0",
             .index = 2,
             .address = net::SocketAddress::ipv4({192, 0, 2, 2}, 0),
             .prefix_length = 24,
             .is_up = true,
             .is_multicast_capable = true}};
}

inline std::vector<net::NetworkInterface> FakeUdpTransport::interfaces() {
    return fake_interfaces();
}

/// Knows `localhost` and what it is taught.
class FakeNameResolver final : public net::NameResolver {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
    [[nodiscard]] Result<net::SocketAddress> resolve(const std::string_view /*key*/, const std::string_view host,
                                                     bool /*is_re_resolution*/) override {
        const auto known = hosts.find(host);
        if (known == hosts.end()) {
            return ErrorInfo{.code = ErrorCode::unknown_host,
                             .message = "Unable to resolve host=(" + std::string{host} + ")"};
        }
        return known->second;
    }

    std::map<std::string, net::SocketAddress, std::less<>> hosts{
        {"localhost", net::SocketAddress::ipv4({127, 0, 0, 1}, 0)}};
};

/// Answers at once, when told to, or not at all.
class FakeChannelResolver final : public ChannelResolver {
public:
    [[nodiscard]] std::shared_ptr<ChannelResolution> resolve_channel(std::string channel,
                                                                     const net::ChannelUse use) override {
        auto resolution = std::make_shared<ChannelResolution>();
        requests_.push_back(channel);
        waiting_.emplace_back([this, resolution, channel = std::move(channel), use] {
            resolution->complete(net::resolve_channel(channel, use, names, fake_interfaces(), ++unique_id_));
        });
        answer_unless_holding();
        return resolution;
    }
    [[nodiscard]] std::shared_ptr<AddressResolution> resolve_address(std::string key, std::string host_and_port,
                                                                     const bool is_re_resolution) override {
        auto resolution = std::make_shared<AddressResolution>();
        requests_.push_back(host_and_port);
        waiting_.emplace_back(
            [this, resolution, key = std::move(key), host_and_port = std::move(host_and_port), is_re_resolution] {
                resolution->complete(net::resolve_host_port(names, key, host_and_port, is_re_resolution));
            });
        answer_unless_holding();
        return resolution;
    }

    /// From now on answers wait for `complete_waiting`.
    void hold() { is_holding_ = true; }
    void complete_waiting() {
        for (const auto& complete : std::exchange(waiting_, {})) {
            complete();
        }
    }

    /// Channels and `host:port`s that were asked for, in order.
    [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

    FakeNameResolver names;

private:
    void answer_unless_holding() {
        if (!is_holding_) {
            complete_waiting();
        }
    }

    bool is_holding_ = false;
    std::uint64_t unique_id_ = 0;
    std::vector<std::function<void()>> waiting_;
    std::vector<std::string> requests_;
};

}  // namespace cpperon::driver

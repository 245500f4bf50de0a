/// The network as tests of the conductor see it: sockets that open and record, and names that resolve when the test
/// says so. One thread. For tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/channel_resolver.hpp"
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
        return std::make_unique<FakePoller>();
    }
    [[nodiscard]] std::vector<net::NetworkInterface> interfaces() override { return {}; }
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

    class FakePoller final : public net::SocketPoller {
    public:
        void add(net::UdpSocket& /*socket*/, net::ReceiveHandler& /*handler*/) override {}
        void remove(net::UdpSocket& /*socket*/) override {}
        std::int64_t poll() override { return 0; }
    };

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

/// Answers at once, when told to, or not at all.
class FakeChannelResolver final : public ChannelResolver {
public:
    [[nodiscard]] std::shared_ptr<ChannelResolution> resolve_channel(std::string channel,
                                                                     const net::ChannelUse use) override {
        auto resolution = std::make_shared<ChannelResolution>();
        waiting_.emplace_back([this, resolution, channel, use] { resolution->complete(answer_channel(channel, use)); });
        requests_.push_back(std::move(channel));
        return answer(resolution);
    }
    [[nodiscard]] std::shared_ptr<AddressResolution> resolve_address(std::string key, std::string host_and_port,
                                                                     const bool is_re_resolution) override {
        auto resolution = std::make_shared<AddressResolution>();
        waiting_.emplace_back([this, resolution, key = std::move(key), host_and_port, is_re_resolution] {
            resolution->complete(answer_address(key, host_and_port, is_re_resolution));
        });
        requests_.push_back(std::move(host_and_port));
        return answer(resolution);
    }

    /// From now on answers wait for `complete_waiting`.
    void hold() { is_holding_ = true; }
    void answer_at_once() {
        is_holding_ = false;
        complete_waiting();
    }
    void complete_waiting() {
        for (const auto& complete : std::exchange(waiting_, {})) {
            complete();
        }
    }

    /// Channels and `host:port`s that were asked for, in order.
    [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

    std::function<Result<net::UdpChannel>(const std::string& channel, net::ChannelUse use)> answer_channel =
        [](const std::string& channel, net::ChannelUse /*use*/) { return unknown(channel); };
    std::function<Result<net::SocketAddress>(const std::string& key, const std::string& host_and_port,
                                             bool is_re_resolution)>
        answer_address = [](const std::string& /*key*/, const std::string& host_and_port, bool /*is_re_resolution*/) {
            return unknown(host_and_port);
        };

private:
    [[nodiscard]] static ErrorInfo unknown(const std::string& text) {
        return {.code = ErrorCode::unknown_host, .message = "Unable to resolve host=(" + text + ")"};
    }
    template <typename Resolution>
    std::shared_ptr<Resolution> answer(std::shared_ptr<Resolution> resolution) {
        if (!is_holding_) {
            complete_waiting();
        }
        return resolution;
    }

    bool is_holding_ = false;
    std::vector<std::function<void()>> waiting_;
    std::vector<std::string> requests_;
};

}  // namespace cpperon::driver

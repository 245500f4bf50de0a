/// Stands in for the network in a driver that has none: nothing opens, nothing resolves, nothing arrives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

class NoNetwork final : public net::UdpTransport, public ChannelResolver {
public:
    [[nodiscard]] Result<std::unique_ptr<net::UdpSocket>> open(const net::SocketSpec& /*spec*/) override {
        return refusal();
    }
    [[nodiscard]] std::unique_ptr<net::SocketPoller> make_poller(std::size_t /*batches_per_poll*/) override {
        return std::make_unique<NoPoller>();
    }
    [[nodiscard]] std::vector<net::NetworkInterface> interfaces() override { return {}; }
    [[nodiscard]] net::SocketBufferLengths probe_buffers(const net::SocketBufferLengths& wanted) override {
        return wanted;
    }

    [[nodiscard]] std::shared_ptr<ChannelResolution> resolve_channel(std::string /*channel*/,
                                                                     net::ChannelUse /*use*/) override {
        auto resolution = std::make_shared<ChannelResolution>();
        resolution->complete(refusal());
        return resolution;
    }
    [[nodiscard]] std::shared_ptr<AddressResolution> resolve_address(std::string /*key*/, std::string /*host_and_port*/,
                                                                     bool /*is_re_resolution*/) override {
        auto resolution = std::make_shared<AddressResolution>();
        resolution->complete(refusal());
        return resolution;
    }

private:
    class NoPoller final : public net::SocketPoller {
    public:
        void add(net::UdpSocket& /*socket*/, net::ReceiveHandler& /*handler*/) override {}
        void remove(net::UdpSocket& /*socket*/) override {}
        std::int64_t poll() override { return 0; }
    };

    [[nodiscard]] static ErrorInfo refusal() {
        return {.code = ErrorCode::generic_error, .message = "this driver has no network: use an aeron:ipc channel"};
    }
};

}  // namespace cpperon::driver

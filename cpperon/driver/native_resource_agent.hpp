/// The agent that does what may block, so that the conductor never does: creates, maps, unmaps and deletes log files,
/// and resolves names. Its store and resolver halves are called by the conductor, its agent half runs on the agent's
/// thread, which may be the same one. spec: 06 §2.1, §14, §15, §16
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/channel_resolver.hpp"
#include "cpperon/driver/hand_over_queue.hpp"
#include "cpperon/driver/log_buffer_store.hpp"
#include "cpperon/driver/log_files.hpp"

namespace cpperon::net {
class NameResolver;
class UdpTransport;
}  // namespace cpperon::net

namespace cpperon::driver {

class NativeResourceAgent final : public Agent, public LogBufferStore, public ChannelResolver {
public:
    /// `resolver` and `transport`, of which the interfaces are asked for, must outlive the object.
    NativeResourceAgent(LogFiles files, net::NameResolver& resolver, net::UdpTransport& transport)
        : files_(std::move(files)), resolver_(resolver), transport_(transport) {}

    // Conductor. After `on_close`, when no agent runs any longer: whoever closes the driver.

    /// After `on_close` the answer is there at once: `generic_error`.
    [[nodiscard]] std::shared_ptr<LogCreation> create(const logbuffer::LogParams& params) override;
    /// After `on_close` the log is deleted at once.
    void destroy(logbuffer::LogFile log) override;
    /// After `on_close` the answer is there at once: `generic_error`.
    [[nodiscard]] std::shared_ptr<ChannelResolution> resolve_channel(std::string channel, net::ChannelUse use) override;
    [[nodiscard]] std::shared_ptr<AddressResolution> resolve_address(std::string key, std::string host_and_port,
                                                                     bool is_re_resolution) override;

    // The agent's thread.

    /// Executes at most one request, then tries failed deletions again.
    int do_work() override;
    /// Refuses the creations and executes the deletions that are still waiting, and deletes logs that the conductor has
    /// not taken. No agent may run any longer.
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "aeron-md-nra"; }

private:
    struct CreateRequest {
        logbuffer::LogParams params;
        std::shared_ptr<LogCreation> creation;
    };
    struct DestroyRequest {
        logbuffer::LogFile log;
    };
    struct ChannelRequest {
        std::string channel;
        net::ChannelUse use = net::ChannelUse::endpoint;
        std::shared_ptr<ChannelResolution> resolution;
    };
    struct AddressRequest {
        std::string key;
        std::string host_and_port;
        bool is_re_resolution = false;
        std::shared_ptr<AddressResolution> resolution;
    };
    using Request = std::variant<CreateRequest, DestroyRequest, ChannelRequest, AddressRequest>;

    void submit(Request request);
    void execute(CreateRequest& request);
    void execute(DestroyRequest& request);
    void execute(ChannelRequest& request);
    void execute(AddressRequest& request);

    HandOverQueue<Request> requests_;
    std::deque<Request> taken_;                          // by the agent, in order
    std::vector<std::shared_ptr<LogCreation>> untaken_;  // completed, but perhaps not polled yet
    LogFiles files_;
    net::NameResolver& resolver_;
    net::UdpTransport& transport_;
    bool is_closed_ = false;
};

}  // namespace cpperon::driver

#include "cpperon/driver/native_resource_agent.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

namespace {

/// Makes channels unique that leave an address or port to chance, in the whole process. spec: 05 §6.1
std::uint64_t next_channel_id() noexcept {
    static std::atomic<std::uint64_t> next{0};
    // relaxed: the number orders nothing, it only has to be nobody else's.
    return next.fetch_add(1, std::memory_order_relaxed);
}

ErrorInfo closing(const std::string_view what) {
    return {ErrorCode::generic_error, "the driver is closing: " + std::string{what}};
}

}  // namespace

std::shared_ptr<LogCreation> NativeResourceAgent::create(const logbuffer::LogParams& params) {
    auto creation = std::make_shared<LogCreation>();
    submit(CreateRequest{params, creation});
    return creation;
}

void NativeResourceAgent::destroy(logbuffer::LogFile log) {
    submit(DestroyRequest{std::move(log)});
}

std::shared_ptr<ChannelResolution> NativeResourceAgent::resolve_channel(std::string channel,
                                                                        const net::ChannelUse use) {
    auto resolution = std::make_shared<ChannelResolution>();
    submit(ChannelRequest{std::move(channel), use, resolution});
    return resolution;
}

std::shared_ptr<AddressResolution> NativeResourceAgent::resolve_address(std::string key, std::string host_and_port,
                                                                        const bool is_re_resolution) {
    auto resolution = std::make_shared<AddressResolution>();
    submit(AddressRequest{std::move(key), std::move(host_and_port), is_re_resolution, resolution});
    return resolution;
}

void NativeResourceAgent::submit(Request request) {
    if (is_closed_) {
        std::visit([this](auto& each) { execute(each); }, request);
    } else {
        requests_.push(std::move(request));
    }
}

int NativeResourceAgent::do_work() {
    requests_.take_all(taken_);
    int work_count = files_.retry_deletions();
    if (!taken_.empty()) {
        Request request = std::move(taken_.front());
        taken_.pop_front();
        std::visit([this](auto& each) { execute(each); }, request);
        ++work_count;
    }
    return work_count;
}

void NativeResourceAgent::on_close() {
    is_closed_ = true;
    requests_.take_all(taken_);
    for (; !taken_.empty(); taken_.pop_front()) {
        std::visit([this](auto& request) { execute(request); }, taken_.front());
    }
    for (const std::shared_ptr<LogCreation>& creation : untaken_) {
        if (auto outcome = creation->poll(); outcome && *outcome) {
            files_.destroy(std::move(*outcome).value());
        }
    }
    untaken_.clear();
    files_.retry_deletions();
}

void NativeResourceAgent::execute(CreateRequest& request) {
    if (is_closed_) {
        request.creation->complete(closing("no log can be created"));
        return;
    }
    request.creation->complete(files_.create(request.params));
    std::erase_if(untaken_, [](const auto& creation) { return creation->is_taken(); });
    untaken_.push_back(std::move(request.creation));
}

void NativeResourceAgent::execute(DestroyRequest& request) {
    files_.destroy(std::move(request.log));
}

void NativeResourceAgent::execute(ChannelRequest& request) {
    if (is_closed_) {
        request.resolution->complete(closing("no channel can be resolved"));
        return;
    }
    request.resolution->complete(
        net::resolve_channel(request.channel, request.use, resolver_, transport_.interfaces(), next_channel_id()));
}

void NativeResourceAgent::execute(AddressRequest& request) {
    if (is_closed_) {
        request.resolution->complete(closing("no name can be resolved"));
        return;
    }
    request.resolution->complete(
        net::resolve_host_port(resolver_, request.key, request.host_and_port, request.is_re_resolution));
}

}  // namespace cpperon::driver

#include "cpperon/client/request.hpp"

#include <fmt/format.h>

namespace cpperon::client {

namespace {

std::string describe(const DestinationParent& parent) {
    return fmt::format("{} {}", parent.kind == DestinationParent::Kind::publication ? "publication" : "subscription",
                       static_cast<std::int64_t>(parent.id));
}

struct Describer {
    std::string operator()(const AddPublicationRequest<Publication>& r) const {
        return fmt::format("add a publication on channel '{}' stream {}", r.channel, r.stream_id);
    }
    std::string operator()(const AddPublicationRequest<ExclusivePublication>& r) const {
        return fmt::format("add an exclusive publication on channel '{}' stream {}", r.channel, r.stream_id);
    }
    std::string operator()(const AddSubscriptionRequest& r) const {
        return fmt::format("add a subscription on channel '{}' stream {}", r.channel, r.stream_id);
    }
    std::string operator()(const AddCounterRequest& r) const {
        if (r.static_registration_id) {
            return fmt::format("add the static counter '{}' of type {} with registration id {}", r.label, r.type_id,
                               static_cast<std::int64_t>(*r.static_registration_id));
        }
        return fmt::format("add the counter '{}' of type {}", r.label, r.type_id);
    }
    std::string operator()(const NextSessionIdRequest& r) const {
        return fmt::format("get a session id for stream {}", r.stream_id);
    }
    std::string operator()(const RejectImageRequest& r) const {
        return fmt::format("reject image {}", static_cast<std::int64_t>(r.image_correlation_id));
    }
    std::string operator()(const AddDestinationRequest& r) const {
        return fmt::format("add destination '{}' to {}", r.channel, describe(r.parent));
    }
    std::string operator()(const RemoveDestinationRequest& r) const {
        if (const auto* const channel = std::get_if<std::string>(&r.destination)) {
            return fmt::format("remove destination '{}' from {}", *channel, describe(r.parent));
        }
        return fmt::format("remove destination {} from {}",
                           static_cast<std::int64_t>(std::get<RegistrationId>(r.destination)), describe(r.parent));
    }
};

}  // namespace

std::string describe(const Request& request) {
    return std::visit(Describer{}, request);
}

}  // namespace cpperon::client

#include "cpperon/client/request.hpp"

#include <fmt/format.h>

namespace cpperon::client {

namespace {

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
};

}  // namespace

std::string describe(const Request& request) {
    return std::visit(Describer{}, request);
}

}  // namespace cpperon::client

#include "cpperon/driver/native_resource_agent.hpp"

#include <utility>

namespace cpperon::driver {

std::shared_ptr<LogCreation> NativeResourceAgent::create(const logbuffer::LogParams& params) {
    auto creation = std::make_shared<LogCreation>();
    CreateRequest request{params, creation};
    if (is_closed_) {
        execute(request);
    } else {
        requests_.push(std::move(request));
    }
    return creation;
}

void NativeResourceAgent::destroy(logbuffer::LogFile log) {
    DestroyRequest request{std::move(log)};
    if (is_closed_) {
        execute(request);
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
        request.creation->complete(ErrorInfo{ErrorCode::generic_error, "the driver is closing: no log can be created"});
        return;
    }
    request.creation->complete(files_.create(request.params));
    std::erase_if(untaken_, [](const auto& creation) { return creation->is_taken(); });
    untaken_.push_back(std::move(request.creation));
}

void NativeResourceAgent::execute(DestroyRequest& request) {
    files_.destroy(std::move(request.log));
}

}  // namespace cpperon::driver

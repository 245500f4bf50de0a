#include "cpperon/base/agent.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon {

namespace {

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

/// One failure is thrown as it was; several become one error with all their texts, so that none is lost.
[[noreturn]] void throw_all(const std::string_view what_was_tried, const std::vector<std::exception_ptr>& failures) {
    if (failures.size() == 1) {
        std::rethrow_exception(failures.front());
    }
    std::string text{what_was_tried};
    for (const std::exception_ptr& failure : failures) {
        text += fmt::format("; {}", text_of(failure));
    }
    throw Error(ErrorCode::generic_error, text);
}

}  // namespace

void CompositeAgent::on_start() {
    for (std::size_t started = 0; started < agents_.size(); ++started) {
        try {
            agents_[started]->on_start();
        } catch (...) {
            std::vector<std::exception_ptr> failures{std::current_exception()};
            close_first(started, failures);
            throw_all(fmt::format("the agent '{}' failed to start", role_name_), failures);
        }
    }
}

int CompositeAgent::do_work() {
    int work_count = 0;
    for (std::size_t i = next_; i < agents_.size(); ++i) {
        next_ = (i + 1) % agents_.size();  // where to go on if this one throws
        work_count += agents_[i]->do_work();
    }
    next_ = 0;
    return work_count;
}

void CompositeAgent::on_close() {
    std::vector<std::exception_ptr> failures;
    close_first(agents_.size(), failures);
    if (!failures.empty()) {
        throw_all(fmt::format("the agent '{}' failed to close", role_name_), failures);
    }
}

void CompositeAgent::close_first(const std::size_t count, std::vector<std::exception_ptr>& failures) {
    for (std::size_t i = 0; i < count; ++i) {
        try {
            agents_[i]->on_close();
        } catch (...) {
            failures.push_back(std::current_exception());
        }
    }
}

}  // namespace cpperon

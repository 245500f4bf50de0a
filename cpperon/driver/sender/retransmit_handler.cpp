#include "cpperon/driver/sender/retransmit_handler.hpp"

#include <algorithm>

namespace cpperon::driver {

RetransmitHandler::RetransmitHandler(const RetransmitSpec& spec)
    : spec_(spec), actions_(spec.has_group_semantics ? static_cast<std::size_t>(std::max(spec.max_resend, 1)) : 1) {}

RetransmitHandler::Verdict RetransmitHandler::on_nak(const TermRange& range, const std::int64_t now_ns) {
    if (is_covered(range)) {
        return Verdict::ignore;
    }
    Action* const action = pick();
    if (action == nullptr) {
        return Verdict::overflow;
    }
    if (action->state == State::inactive) {
        ++active_count_;
    }
    action->range = range;
    if (spec_.delay_ns > 0) {
        action->state = State::delayed;
        action->expiry_ns = now_ns + spec_.delay_ns;
        return Verdict::later;
    }
    linger(*action, now_ns);
    return Verdict::send_now;
}

bool RetransmitHandler::is_covered(const TermRange& range) const noexcept {
    return std::any_of(actions_.begin(), actions_.end(), [&](const Action& action) {
        return action.state != State::inactive && action.range.term_id == range.term_id &&
               action.range.term_offset <= range.term_offset &&
               range.term_offset < action.range.term_offset + std::int64_t{action.range.length};
    });
}

RetransmitHandler::Action* RetransmitHandler::pick() noexcept {
    if (!spec_.has_group_semantics) {
        return actions_.data();
    }
    const auto free = std::find_if(actions_.begin(), actions_.end(),
                                   [](const Action& action) { return action.state == State::inactive; });
    return free == actions_.end() ? nullptr : &*free;
}

void RetransmitHandler::linger(Action& action, const std::int64_t now_ns) const noexcept {
    action.state = State::lingering;
    action.expiry_ns = now_ns + spec_.linger_ns;
}

}  // namespace cpperon::driver

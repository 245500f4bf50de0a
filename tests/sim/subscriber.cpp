#include "sim/subscriber.hpp"

#include <utility>

namespace cpperon::sim {

namespace {

constexpr std::int64_t retry_pause_ns = 50'000'000;

}  // namespace

Subscriber::Subscriber(World& world, Application& application, Ledgers& ledgers, SubscriberPlan plan)
    : world_(world),
      application_(application),
      ledgers_(ledgers),
      plan_(std::move(plan)),
      dice_(world.dice.next_seed()),
      destinations_(plan_.destinations) {
    world.add_actor(*this);
}

Subscriber::~Subscriber() {
    world_.remove_actor(*this);
}

int Subscriber::step() {
    if (generation_ != application_.generation() && state_ != State::absent) {
        lose();
    }
    switch (state_) {
        case State::absent: return is_wanted_ && application_.is_ready() ? add() : 0;
        case State::adding: return poll_add();
        case State::open: break;
    }
    if (subscription_.is_closed()) {
        lose();
        return 1;
    }
    if (!is_wanted_) {
        close();
        return 1;
    }
    return change_destinations() + poll();
}

int Subscriber::add() {
    if (world_.now_ns() < not_before_ns_) {
        return 0;
    }
    generation_ = application_.generation();
    ++incarnation_;
    is_controlled_ = dice_.happens(plan_.controlled_poll_rate);
    const int incarnation = incarnation_;
    pending_ = application_.client().async_add_subscription(plan_.channel, plan_.stream_id,
                                                            {.on_available =
                                                                 [this, incarnation](const Image& image) {
                                                                     if (incarnation == incarnation_) {
                                                                         on_available(image);
                                                                     }
                                                                 },
                                                             .on_unavailable =
                                                                 [this, incarnation](const Image& image) {
                                                                     if (incarnation == incarnation_) {
                                                                         on_unavailable(image);
                                                                     }
                                                                 }});
    state_ = State::adding;
    return 1;
}

int Subscriber::poll_add() {
    std::optional<Result<Subscription>> answer = pending_.poll();
    if (!answer) {
        return 0;
    }
    if (*answer) {
        subscription_ = std::move(*answer).value();
        state_ = State::open;
        world_.verdict.note("{}: subscribes to {}", application_.name(), plan_.channel);
        return 1;
    }
    const ErrorInfo& error = answer->error();
    if (error.code != ErrorCode::resource_temporarily_unavailable && !application_.may_lose_client) {
        world_.verdict.fail("{} cannot subscribe to {}: {}", application_.name(), plan_.channel, error.message);
    }
    lose();
    not_before_ns_ = world_.now_ns() + retry_pause_ns;
    return 1;
}

int Subscriber::change_destinations() {
    return destinations_.step(subscription_, world_.now_ns(), [this](const ErrorInfo& error) {
        // An earlier subscription has left its sockets to images that linger. spec: 06 §13.2
        const bool is_address_taken = error.message.find("Address already in use") != std::string::npos;
        if (!application_.may_lose_client && !is_address_taken) {
            world_.verdict.fail("{} cannot change its destinations: {}", application_.name(), error.message);
        }
    });
}

void Subscriber::close() {
    world_.verdict.note("{}: leaves {}", application_.name(), plan_.channel);
    ++incarnation_;
    subscription_.close();
    lose();
}

void Subscriber::die() {
    application_.bury(std::make_shared<Subscription>(std::exchange(subscription_, {})));
    application_.bury(std::make_shared<Pending<Subscription>>(std::exchange(pending_, {})));
    application_.bury(destinations_.abandon());
    lose();
}

void Subscriber::lose() {
    ++incarnation_;
    subscription_ = {};
    pending_ = {};
    destinations_.forget();
    readings_.clear();
    first_unseen_.clear();
    assembler_.clear();
    controlled_assembler_.clear();
    state_ = State::absent;
}

void Subscriber::reject_an_image() {
    if (state_ == State::open && !readings_.empty()) {
        const Reading& reading = readings_.begin()->second;
        world_.verdict.note("{}: rejects session {}", application_.name(),
                            static_cast<std::int32_t>(reading.image.session_id()));
        if (reading.ledger != nullptr) {
            reading.ledger->was_rejected = true;
        }
        static_cast<void>(reading.image.async_reject("the simulation does not like it"));
    }
}

int Subscriber::poll() {
    if (!is_hurrying_) {
        if (world_.now_ns() < not_before_ns_ || dice_.happens(plan_.lazy_rate)) {
            return 0;
        }
        if (dice_.happens(plan_.long_pause_rate)) {
            not_before_ns_ = world_.now_ns() + dice_.between(std::int64_t{0}, plan_.long_pause_ns);
        }
    }
    const int limit = dice_.between(1, plan_.fragment_limit);
    return is_controlled_ ? subscription_.controlled_poll(controlled_assembler_, limit)
                          : subscription_.poll(assembler_, limit);
}

void Subscriber::on_available(const Image& image) {
    const auto session_id = static_cast<std::int32_t>(image.session_id());
    world_.verdict.note("{}: session {} is available at {}", application_.name(), session_id, image.join_position());
    Ledger* const ledger = ledgers_.find(
        {.session_id = session_id, .stream_id = plan_.stream_id, .initial_term_id = image.initial_term_id()});
    if (ledger == nullptr) {
        // It may have been published this very moment: its publisher hears of that in its next step.
        world_.verdict.note("{}: session {} is not known yet", application_.name(), session_id);
    }
    const bool is_late = ledger != nullptr && ledger->is_closed;
    if (!readings_
             .try_emplace(session_id,
                          Reading{.image = image, .ledger = ledger, .next = std::nullopt, .is_late = is_late})
             .second) {
        world_.verdict.fail("{}: session {} is available twice", application_.name(), session_id);
    }
}

void Subscriber::on_unavailable(const Image& image) {
    const auto session_id = static_cast<std::int32_t>(image.session_id());
    world_.verdict.note("{}: session {} is unavailable at {}", application_.name(), session_id, image.position());
    const auto found = readings_.find(session_id);
    if (found == readings_.end()) {
        world_.verdict.fail("{}: session {} is unavailable, but was not there", application_.name(), session_id);
        return;
    }
    check_end(found->second);
    const bool was_taken_away = has_lost_ipc_ && image.source_identity() == "aeron:ipc";
    if (found->second.ledger != nullptr && (found->second.ledger->was_rejected || was_taken_away)) {
        // What was read while the driver took the image away is read again when it comes back.
        first_unseen_.erase(found->second.ledger);
    }
    readings_.erase(found);
    assembler_.erase(session_id);
    controlled_assembler_.erase(session_id);
}

/// Where nothing gets cut off, an image goes when its stream was closed and everything was read.
void Subscriber::check_end(const Reading& reading) {
    if (!plan_.is_checked || !plan_.sees_everything || !plan_.is_reliable || reading.ledger == nullptr ||
        reading.is_late) {
        return;
    }
    const Ledger& ledger = *reading.ledger;
    if (!ledger.is_closed && !ledger.is_dead) {
        world_.verdict.fail("{}: session {} ended though its publishers did not", application_.name(),
                            ledger.key().session_id);
    }
    const std::size_t count = ledger.entries().size();
    const std::size_t next =
        ledger.next_visible(reading.next.value_or(ledger.first_visible_from(reading.image.join_position())));
    if (!ledger.is_dead && next != count) {
        world_.verdict.fail("{}: session {} ended with message {} of {}", application_.name(), ledger.key().session_id,
                            next, count);
    }
}

void Subscriber::on_message(const std::span<const std::byte> message, const Header& header) {
    if (!plan_.is_checked) {
        ++messages_;
        return;
    }
    const auto found = readings_.find(header.session_id());
    if (found == readings_.end()) {
        world_.verdict.fail("{}: a message of session {}, which has no image", application_.name(),
                            header.session_id());
        return;
    }
    Reading& reading = found->second;
    if (reading.ledger == nullptr) {
        reading.ledger = ledgers_.find({.session_id = header.session_id(),
                                        .stream_id = header.stream_id(),
                                        .initial_term_id = reading.image.initial_term_id()});
        if (reading.ledger == nullptr) {
            world_.verdict.fail("{}: a message of session {}, which nobody publishes", application_.name(),
                                header.session_id());
            return;
        }
    }
    const std::optional<std::size_t> index = expected_index(reading, header.position());
    if (!index) {
        return;
    }
    if (!reading.ledger->is_content_of(*index, message)) {
        world_.verdict.fail("{}: message {} of session {} has other bytes", application_.name(), *index,
                            header.session_id());
    }
    world_.fingerprint.add(static_cast<std::uint64_t>(world_.now_ns()));
    world_.fingerprint.add(*index);
    reading.next = *index + 1;
    first_unseen_[reading.ledger] = *index + 1;
    ++messages_;
}

/// The message that ends at `end`, if it is its turn.
std::optional<std::size_t> Subscriber::expected_index(const Reading& reading, const std::int64_t end) {
    const Ledger& ledger = *reading.ledger;
    const std::optional<std::size_t> index = ledger.find_end(end);
    if (!index || ledger.entries()[*index].is_void) {
        world_.verdict.fail("{}: no message of session {} ends at {}", application_.name(), ledger.key().session_id,
                            end);
        return std::nullopt;
    }
    const std::size_t expected =
        ledger.next_visible(reading.next.value_or(ledger.first_visible_from(reading.image.join_position())));
    const auto seen = first_unseen_.find(&ledger);
    const bool is_repeated = *index < expected || (seen != first_unseen_.end() && *index < seen->second);
    if (is_repeated || (plan_.is_reliable && *index != expected)) {
        world_.verdict.fail("{}: message {} of session {} instead of message {}", application_.name(), *index,
                            ledger.key().session_id, expected);
        return std::nullopt;
    }
    return index;
}

ControlledAction Subscriber::on_controlled_message(const std::span<const std::byte> message, const Header& header) {
    if (dice_.happens(0.1)) {
        return ControlledAction::abort;
    }
    on_message(message, header);
    return dice_.one_of({ControlledAction::continue_, ControlledAction::commit, ControlledAction::break_});
}

bool Subscriber::has_read(const Ledger& ledger, const std::int64_t position) const {
    const auto found = readings_.find(ledger.key().session_id);
    return found != readings_.end() && found->second.image.initial_term_id() == ledger.key().initial_term_id &&
           !found->second.image.is_closed() && found->second.image.position() == position;
}

std::optional<std::int64_t> Subscriber::registration_id() const {
    return is_open() ? std::optional{static_cast<std::int64_t>(subscription_.registration_id())} : std::nullopt;
}

std::optional<std::int64_t> Subscriber::image_correlation_id() const {
    return is_open() && !readings_.empty()
               ? std::optional{static_cast<std::int64_t>(readings_.begin()->second.image.correlation_id())}
               : std::nullopt;
}

std::string Subscriber::describe() const {
    std::string text = fmt::format("{} on {} stream {}:", application_.name(), plan_.channel, plan_.stream_id);
    for (const auto& [session_id, reading] : readings_) {
        text += fmt::format(" session {} at {}", session_id, reading.image.position());
    }
    return text;
}

}  // namespace cpperon::sim

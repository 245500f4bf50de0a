#include "sim/publisher.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "cpperon/logbuffer/position.hpp"

namespace cpperon::sim {

namespace {

constexpr int max_messages_per_step = 8;
constexpr std::int64_t retry_pause_ns = 50'000'000;

bool is_worth_retrying(const ErrorCode code) noexcept {
    return code == ErrorCode::resource_temporarily_unavailable;
}

}  // namespace

Publisher::Publisher(World& world, Application& application, Ledgers& ledgers, PublisherPlan plan)
    : world_(world),
      application_(application),
      ledgers_(ledgers),
      plan_(std::move(plan)),
      dice_(world.dice.next_seed()),
      destinations_(plan_.destinations) {
    world.add_actor(*this);
}

Publisher::~Publisher() {
    world_.remove_actor(*this);
}

template <typename Visitor>
auto Publisher::with_publication(Visitor&& visitor) {
    using Value = std::invoke_result_t<Visitor&, Publication&>;
    return std::visit(
        [&](auto& publication) -> Value {
            if constexpr (std::is_same_v<std::decay_t<decltype(publication)>, std::monostate>) {
                return Value();
            } else {
                return visitor(publication);
            }
        },
        publication_);
}

int Publisher::step() {
    if (generation_ != application_.generation() && state_ != State::absent) {
        lose();
    }
    switch (state_) {
        case State::absent: return is_wanted_ && application_.is_ready() ? add() : 0;
        case State::adding: return poll_add();
        case State::open: break;
    }
    if (with_publication([](auto& publication) { return publication.is_closed(); })) {
        lose();
        return 1;
    }
    if (!is_wanted_ || (channel_end_ && channel_end_() != present_channel_end_)) {
        close();
        return 1;
    }
    return change_destinations() + publish();
}

int Publisher::add() {
    if (world_.now_ns() < not_before_ns_) {
        return 0;
    }
    std::string channel = plan_.channel;
    if (channel_end_) {
        const std::optional<std::string> channel_end = channel_end_();
        if (!channel_end) {
            return 0;
        }
        present_channel_end_ = *channel_end;
        channel += *channel_end;
    }
    generation_ = application_.generation();
    if (plan_.is_exclusive) {
        pending_ = application_.client().async_add_exclusive_publication(channel, plan_.stream_id);
    } else {
        pending_ = application_.client().async_add_publication(channel, plan_.stream_id);
    }
    state_ = State::adding;
    return 1;
}

int Publisher::poll_add() {
    return std::visit(
        [this](auto& pending) {
            if constexpr (std::is_same_v<std::decay_t<decltype(pending)>, std::monostate>) {
                return 0;
            } else {
                auto answer = pending.poll();
                if (!answer) {
                    return 0;
                }
                if (*answer) {
                    open(std::move(*answer).value());
                    return 1;
                }
                const ErrorInfo& error = answer->error();
                if (!is_worth_retrying(error.code) && !application_.may_lose_client) {
                    world_.verdict.fail("{} cannot publish on {}: {}", application_.name(), plan_.channel,
                                        error.message);
                }
                state_ = State::absent;
                not_before_ns_ = world_.now_ns() + retry_pause_ns;
                return 1;
            }
        },
        pending_);
}

template <typename Handle>
void Publisher::open(Handle publication) {
    ledger_ = &ledgers_.of({.session_id = static_cast<std::int32_t>(publication.session_id()),
                            .stream_id = publication.stream_id(),
                            .initial_term_id = publication.initial_term_id()});
    world_.verdict.note("{}: publishes session {} on {}", application_.name(), ledger_->key().session_id,
                        plan_.channel);
    ++ledger_->publishers;
    ledger_->is_closed = false;
    publication_ = std::move(publication);
    state_ = State::open;
}

int Publisher::change_destinations() {
    return with_publication([this](auto& publication) {
        return destinations_.step(publication, world_.now_ns(), [this](const ErrorInfo& error) {
            if (!application_.may_lose_client) {
                world_.verdict.fail("{} cannot change its destinations: {}", application_.name(), error.message);
            }
        });
    });
}

void Publisher::close() {
    world_.verdict.note("{}: closes session {} at {}", application_.name(), ledger_->key().session_id, position());
    complete_claim();
    with_publication([](auto& publication) { publication.close(); });
    publication_ = {};
    destinations_.forget();
    if (--ledger_->publishers == 0) {
        ledger_->is_closed = true;
    }
    ledger_ = nullptr;
    state_ = State::absent;
}

void Publisher::revoke() {
    if (state_ == State::open && plan_.is_exclusive) {
        world_.verdict.note("{}: revokes session {}", application_.name(), ledger_->key().session_id);
        held_.reset();
        ledger_->is_dead = true;
        std::get<ExclusivePublication>(publication_).revoke();
        publication_ = {};
        destinations_.forget();
        ledger_ = nullptr;
        state_ = State::absent;
    }
}

void Publisher::die() {
    if (held_) {
        ledger_->make_void(held_->index);
        application_.bury(std::make_shared<BufferClaim>(std::move(held_->claim)));
        held_.reset();
    }
    application_.bury(std::make_shared<AnyPublication>(std::exchange(publication_, {})));
    application_.bury(std::make_shared<AnyPending>(std::exchange(pending_, {})));
    application_.bury(destinations_.abandon());
    lose();
}

/// Its client is gone, whoever's fault that is.
void Publisher::lose() {
    if (held_) {
        ledger_->make_void(held_->index);
        held_.reset();
    }
    if (ledger_ != nullptr) {
        ledger_->is_dead = true;
        ledger_ = nullptr;
    }
    publication_ = {};
    pending_ = {};
    destinations_.forget();
    state_ = State::absent;
}

std::int64_t Publisher::position() {
    const OfferResult position = with_publication([](auto& publication) -> std::optional<OfferResult> {
                                     return publication.position();
                                 }).value_or(OfferResult{OfferStatus::closed});
    return position.raw();
}

bool Publisher::is_connected() {
    return with_publication([](auto& publication) { return publication.is_connected(); });
}

int Publisher::publish() {
    if (held_ && (is_silent_ || dice_.happens(0.3))) {
        complete_claim();
        return 1;
    }
    if (is_silent_ || held_ || world_.now_ns() < not_before_ns_) {
        return 0;
    }
    if (burst_ == 0) {
        burst_ = dice_.between(1, plan_.max_burst);
    }
    int sent = 0;
    while (burst_ > 0 && sent < max_messages_per_step && !held_ && send_one() > 0) {
        ++sent;
        --burst_;
    }
    if (burst_ == 0) {
        not_before_ns_ = world_.now_ns() + dice_.between(std::int64_t{0}, plan_.max_pause_ns);
    }
    return sent;
}

template <typename Handle>
OfferResult Publisher::offer(Handle& publication, const std::size_t length) {
    message_.resize(length);
    ledger_->fill_next(message_);
    if (!dice_.happens(0.2)) {
        return publication.offer(std::span<const std::byte>{message_});
    }
    const std::span<const std::byte> whole{message_};
    const std::size_t cut = dice_.index(length + 1);
    return publication.offer({whole.first(cut), whole.subspan(cut)});
}

template <typename Handle>
OfferResult Publisher::claim(Handle& publication, const std::size_t length) {
    BufferClaim claim = publication.try_claim(length);
    if (!claim) {
        return claim.result();
    }
    const OfferResult result = claim.result();
    ledger_->fill_next(claim.data());
    held_ = HeldClaim{.claim = std::move(claim), .index = ledger_->entries().size()};
    return result;
}

int Publisher::send_one() {
    return with_publication([this](auto& publication) {
        const OfferResult before = publication.position();
        const OfferResult limit = publication.position_limit();
        const std::int32_t max_payload = publication.max_payload_length();
        std::size_t length = draw_length(max_payload, publication.max_message_length());
        const bool is_claimed = dice_.happens(plan_.claim_rate);
        if (is_claimed) {
            length = std::min(length, static_cast<std::size_t>(max_payload));
        }
        const OfferResult result = is_claimed ? claim(publication, length) : offer(publication, length);
        check_limit(result, before, limit);
        if (result) {
            take(result, length, logbuffer::framed_length(static_cast<std::int64_t>(length), max_payload));
            return 1;
        }
        if (!result.is_retryable()) {
            world_.verdict.fail("{}: an offer of {} bytes was refused: {}", application_.name(), length,
                                to_string(result.status()));
        }
        return 0;
    });
}

void Publisher::complete_claim() {
    if (!held_) {
        return;
    }
    if (dice_.happens(0.1)) {
        ledger_->make_void(held_->index);
        held_->claim.abort();
    } else {
        held_->claim.commit();
    }
    held_.reset();
}

void Publisher::take(const OfferResult result, const std::size_t length, const std::int64_t framed_length) {
    const LedgerEntry entry{.begin = result.position() - framed_length, .end = result.position(), .length = length};
    if (!ledger_->entries().empty() && entry.begin < ledger_->entries().back().end) {
        world_.verdict.fail("{}: a message at {} overlaps the one before, which ends at {}", application_.name(),
                            entry.begin, ledger_->entries().back().end);
    }
    ledger_->append(entry);
    ++messages_;
    if (held_ && !dice_.happens(plan_.held_claim_rate)) {
        complete_claim();
    }
}

/// A message is taken exactly where the stream has not reached its limit. spec: 03 §8
void Publisher::check_limit(const OfferResult result, const OfferResult before, const OfferResult limit) {
    if (!before || !limit) {
        return;
    }
    if (result && before.position() >= limit.position()) {
        world_.verdict.fail("{}: an offer was taken at {}, the limit being {}", application_.name(), before.position(),
                            limit.position());
    }
    if (result.status() == OfferStatus::back_pressured && before.position() < limit.position()) {
        world_.verdict.fail("{}: an offer was refused at {}, the limit being {}", application_.name(),
                            before.position(), limit.position());
    }
}

std::size_t Publisher::draw_length(const std::int32_t max_payload, const std::int32_t max_message) {
    const auto longest =
        static_cast<std::int64_t>(std::min<std::size_t>(plan_.max_length, static_cast<std::size_t>(max_message)));
    switch (dice_.between(0, 19)) {
        case 0: return static_cast<std::size_t>(max_message);
        case 1:
        case 2:
            return static_cast<std::size_t>(
                std::clamp<std::int64_t>(max_payload + dice_.between(-40, 40), 0, max_message));
        case 3:
        case 4: return static_cast<std::size_t>(dice_.between(0, 40));
        default: return static_cast<std::size_t>(dice_.between(std::int64_t{0}, longest));
    }
}

}  // namespace cpperon::sim

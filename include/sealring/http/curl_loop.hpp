// curl's multi interface on an Asio loop: many transfers, in one thread, over connections that are used again.
//
// curl says which sockets it waits for and for how long (curl_multi_socket_action(3)); Asio waits, and tells it.
#pragma once

#include "sealring/detail/asio.hpp"
#include "sealring/http/curl_transfer.hpp"

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <map>

namespace sealring::inline v0::http::detail {

/// All of it happens on the strand. Requests under way are Asio's, and keep it alive: what their handlers hold may hold it,
/// too, and all of that goes with the execution context.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
public:
  /// A request, and what to do with its response.
  class pending {
  public:
    pending(curl_easy easy, request r) : easy_{std::move(easy)}, transfer_{easy_, std::move(r)} {}
    pending(const pending&) = delete;
    pending& operator=(const pending&) = delete;
    /// Before its end only where the execution context is destroyed.
    virtual ~pending() {
      if (const auto loop = loop_.lock()) loop->abandon(easy_.get());
    }

  protected:
    virtual void complete(acme::result<response>) = 0;

  private:
    friend class curl_loop;
    std::weak_ptr<curl_loop> loop_;  // while it is under way
    curl_easy easy_;
    curl_transfer transfer_;
    std::optional<asio::steady_timer> life_;  // never expires; its handler owns this
  };

  explicit curl_loop(const asio::any_io_executor& executor) : strand_{executor}, timer_{strand_}, multi_{curl_multi_init()} {
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &watch_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &set_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  }
  curl_loop(const curl_loop&) = delete;
  curl_loop& operator=(const curl_loop&) = delete;
  ~curl_loop() {
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, nullptr);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, nullptr);
    forget_all_watches();
    for (const auto& [easy, one] : running_) curl_multi_remove_handle(multi_.get(), easy);
  }

  asio::any_io_executor get_executor() const noexcept { return strand_.get_inner_executor(); }

  void start(std::shared_ptr<pending> one) {
    asio::post(strand_, [self = shared_from_this(), one = std::move(one)]() mutable { self->begin(std::move(one)); });
  }

  void cancel(std::weak_ptr<pending> one) {
    asio::post(strand_, [self = shared_from_this(), one = std::move(one)] {
      if (const auto alive = one.lock())
        self->end(alive->easy_.get(), acme::failure{std::make_error_code(std::errc::operation_canceled), "cancelled"});
    });
  }

private:
  struct free_multi {
    void operator()(CURLM* p) const noexcept {
      curl_multi_cleanup(p);
      ERR_clear_error();  // see free_easy
    }
  };

  /// A socket of curl's, while curl waits for it.
  struct watch {
    watch(const asio::strand<asio::any_io_executor>& s, curl_socket_t fd) : socket{s} {
      std::error_code failed;
      socket.assign(fd, failed);  // where that fails, so does the wait
    }
    asio::posix::stream_descriptor socket;
    CURL* easy = nullptr;  // the last that it was for
    int what = CURL_POLL_NONE;
    bool reading = false;
    bool writing = false;
  };

  void begin(std::shared_ptr<pending> one) {
    CURL* easy = one->easy_.get();
    running_.emplace(easy, one.get());
    one->loop_ = weak_from_this();
    auto& life = one->life_.emplace(strand_, asio::steady_timer::time_point::max());
    life.async_wait([self = shared_from_this(), one = std::move(one)](std::error_code) {});
    if (const CURLMcode refused = curl_multi_add_handle(multi_.get(), easy); refused != CURLM_OK)
      end(easy, acme::failure{make_error_code(acme::errc::transport), curl_multi_strerror(refused)});
  }

  void end(CURL* easy, acme::result<response> answer) {
    const auto node = running_.extract(easy);
    if (node.empty()) return;
    curl_multi_remove_handle(multi_.get(), easy);
    node.mapped()->loop_.reset();
    node.mapped()->life_->cancel();
    node.mapped()->complete(std::move(answer));
  }

  void abandon(CURL* easy) {
    running_.erase(easy);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, nullptr);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, nullptr);
    curl_multi_remove_handle(multi_.get(), easy);
  }

  void act(curl_socket_t socket, int events) {
    int still_running = 0;
    curl_multi_socket_action(multi_.get(), socket, events, &still_running);
    int queued = 0;
    while (const CURLMsg* told = curl_multi_info_read(multi_.get(), &queued)) {
      if (told->msg != CURLMSG_DONE) continue;
      CURL* const easy = told->easy_handle;
      const CURLcode code = told->data.result;
      if (const auto found = running_.find(easy); found != running_.end()) end(easy, found->second->transfer_.finish(code));
    }
  }

  auto when_ready(curl_socket_t fd, int event, bool watch::* under_way) {
    return [self = shared_from_this(), w = std::weak_ptr{watches_[fd]}, fd, event, under_way](std::error_code failed) {
      const auto alive = w.lock();
      if (!alive) return;  // curl no longer waits for it, or for another of that number
      (*alive).*under_way = false;
      if (failed) {  // not curl's to judge: it might wait again at once, and for ever
        const auto what = "waiting for a socket: " + failed.message();
        return self->end(alive->easy, acme::failure{make_error_code(acme::errc::transport), what});
      }
      self->act(fd, event);
      self->wait_for(fd);
    };
  }

  void wait_for(curl_socket_t fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    const std::shared_ptr<watch>& w = found->second;
    if ((w->what & CURL_POLL_IN) != 0 && !std::exchange(w->reading, true))
      w->socket.async_wait(asio::posix::stream_descriptor::wait_read, when_ready(fd, CURL_CSELECT_IN, &watch::reading));
    if ((w->what & CURL_POLL_OUT) != 0 && !std::exchange(w->writing, true))
      w->socket.async_wait(asio::posix::stream_descriptor::wait_write, when_ready(fd, CURL_CSELECT_OUT, &watch::writing));
  }

  /// The socket stays curl's own.
  void forget(std::map<curl_socket_t, std::shared_ptr<watch>>::iterator one) {
    one->second->socket.release();
    watches_.erase(one);
  }

  void forget_all_watches() {
    while (!watches_.empty()) forget(watches_.begin());
  }

  // Called from C, within calls of curl's on the strand: what they throw ends there.
  static int watch_socket(CURL* easy, curl_socket_t fd, int what, void* user, void*) noexcept try {
    auto& self = *static_cast<curl_loop*>(user);
    auto found = self.watches_.find(fd);
    if (what == CURL_POLL_REMOVE) {
      if (found != self.watches_.end()) self.forget(found);
      return 0;
    }
    if (found == self.watches_.end()) found = self.watches_.emplace(fd, std::make_shared<watch>(self.strand_, fd)).first;
    found->second->easy = easy;
    found->second->what = what;
    self.wait_for(fd);
    return 0;
  } catch (...) {
    return -1;
  }

  static int set_timer(CURLM*, long milliseconds, void* user) noexcept try {
    auto& self = *static_cast<curl_loop*>(user);
    self.timer_.cancel();
    if (milliseconds < 0) return 0;
    self.timer_.expires_after(std::chrono::milliseconds{milliseconds});
    self.timer_.async_wait([alive = self.shared_from_this()](std::error_code stopped) {
      if (!stopped) alive->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  } catch (...) {
    return -1;
  }

  asio::strand<asio::any_io_executor> strand_;
  asio::steady_timer timer_;
  std::map<curl_socket_t, std::shared_ptr<watch>> watches_;
  std::map<CURL*, pending*> running_;
  std::unique_ptr<CURLM, free_multi> multi_;  // closes its connections before all else goes
};

}  // namespace sealring::inline v0::http::detail

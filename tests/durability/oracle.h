#ifndef GRADMATCH_TESTS_DURABILITY_ORACLE_H_
#define GRADMATCH_TESTS_DURABILITY_ORACLE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "index/base/mutex.h"

namespace gradmatch {

// What a service may hold, by what it was asked to do and what it acknowledged;
// kept where no fault reaches it. A thing has a key, "posting/...", and its
// state is a text; kAbsent until somebody writes it. One thread writes a key at
// a time. All methods may run concurrently.
class Oracle {
 public:
  static constexpr char kAbsent[] = "absent";

  // Before it is asked for: the key may be in this state from now on.
  void Intend(const std::string& key, const std::string& state);
  // The key is in this state, or in one that was intended after it.
  void Acknowledge(const std::string& key, const std::string& state);
  // Both at once: something that was read.
  void Saw(const std::string& key, const std::string& state);
  // The key counts no more: what becomes of it is not promised.
  void Forget(const std::string& key);

  // After a restart: `observed` is everything that is there of keys that start
  // with `prefix`. What is there now must stay.
  void Judge(const std::string& prefix,
             const std::map<std::string, std::string>& observed);
  void JudgeOne(const std::string& key, const std::string& observed);
  // Something else that must not be.
  void Blame(const std::string& what);

  // The state that was acknowledged or seen last.
  std::string Acknowledged(const std::string& key) const;
  // Keys that start with `prefix` and are known not to be absent.
  std::vector<std::string> Keys(const std::string& prefix) const;
  int64_t acknowledgements() const;
  // What was found wrong, and forgets it.
  std::vector<std::string> TakeViolations();

 private:
  // The first is in force; one of the others may be instead.
  using States = std::deque<std::string>;

  void JudgeLocked(const std::string& key, States& states,
                   const std::string& observed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  std::map<std::string, States> states_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> violations_ ABSL_GUARDED_BY(mu_);
  int64_t acknowledgements_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_ORACLE_H_

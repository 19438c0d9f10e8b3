#ifndef GRADMATCH_TESTS_DURABILITY_SERVICE_MODEL_H_
#define GRADMATCH_TESTS_DURABILITY_SERVICE_MODEL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace gradmatch {

// What the service must hold, written the plain way: maps and the rules of
// revisions and rights in a few lines. Not the server's code in any part.
class ServiceModel {
 public:
  enum class PostingState { kOpen, kClosed, kDeleted };
  struct Posting {
    int64_t revision = 0;  // of the last change that counted
    int64_t content = 0;   // revision whose content it has
    PostingState state = PostingState::kOpen;
  };
  struct Graduate {
    int64_t content = 0;
    bool push_off = false;
    bool placed = false;
  };

  enum class Act { kUpsert, kClose, kDelete };
  // Nothing that is there can be closed.
  bool Refuses(const std::string& id, Act act) const {
    const auto it = postings_.find(id);
    return act == Act::kClose && (it == postings_.end() ||
                                  it->second.state == PostingState::kDeleted);
  }
  // A row with a revision of its own; an older one, or the same again, changes
  // nothing. A deletion of nothing is remembered.
  void ApplyRow(const std::string& id, Act act, int64_t revision) {
    if (Refuses(id, act)) return;
    const auto it = postings_.find(id);
    if (it != postings_.end() && revision <= it->second.revision) return;
    Posting& posting = postings_[id];
    posting.revision = revision;
    if (act == Act::kUpsert) posting.content = revision;
    posting.state = act == Act::kUpsert  ? PostingState::kOpen
                    : act == Act::kClose ? PostingState::kClosed
                                         : PostingState::kDeleted;
  }

  // Whether a graduate may be told of anything now.
  bool MayBeTold(const std::string& graduate) const {
    const auto it = graduates_.find(graduate);
    return it != graduates_.end() && !it->second.push_off && !it->second.placed;
  }
  bool IsOpen(const std::string& posting) const {
    const auto it = postings_.find(posting);
    return it != postings_.end() && it->second.state == PostingState::kOpen;
  }
  // False when the graduate has heard of it before.
  bool Tell(const std::string& graduate, const std::string& posting) {
    return told_.emplace(graduate, posting).second;
  }
  void Erase(const std::string& graduate) {
    graduates_.erase(graduate);
    erased_.insert(graduate);
    std::erase_if(told_,
                  [&](const auto& pair) { return pair.first == graduate; });
  }

  std::map<std::string, Posting>& postings() { return postings_; }
  std::map<std::string, Graduate>& graduates() { return graduates_; }
  const std::set<std::string>& erased() const { return erased_; }

 private:
  std::map<std::string, Posting> postings_;
  std::map<std::string, Graduate> graduates_;
  std::set<std::string> erased_;
  std::set<std::pair<std::string, std::string>> told_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_SERVICE_MODEL_H_

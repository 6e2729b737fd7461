// Shows another page, whose address stands behind the question mark, in a frame.

addEventListener("DOMContentLoaded", () => {
  const frame = document.createElement("iframe");
  frame.addEventListener("load", () => { document.body.dataset.state = "framed"; });
  frame.src = decodeURIComponent(location.search.slice(1));
  document.body.append(frame);
});

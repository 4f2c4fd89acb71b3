extension Report {
  /// Keeps the traces in step with their film, and the film with a finger on the traces. It holds
  /// neither `<` nor `&`, so that the page is XML as well.
  static let script = """

    for (const figure of document.querySelectorAll('.film')) {
      const video = figure.querySelector('video');
      const traces = figure.querySelector('.traces');
      if (!traces) continue;
      const fps = Number(traces.dataset.fps), frames = Number(traces.dataset.frames);
      const rows = [...traces.querySelectorAll('.trace')].map(row => ({
        texts: row.dataset.texts.split(' '),
        output: row.querySelector('output'),
        plot: row.querySelector('.plot'),
        cursor: row.querySelector('.cursor'),
      }));
      const show = () => {
        const frame = Math.min(frames - 1, Math.floor(video.currentTime * fps + 0.01));
        for (const row of rows) {
          row.output.textContent = row.texts[frame];
          row.cursor.style.left = 100 * (frame + 0.5) / frames + '%';
        }
      };
      const follow = () => {
        show();
        if (!video.paused) requestAnimationFrame(follow);
      };
      video.addEventListener('play', follow);
      for (const event of ['timeupdate', 'seeking', 'seeked']) video.addEventListener(event, show);
      const seek = event => {
        if (event.buttons !== 1) return;
        const box = event.currentTarget.getBoundingClientRect();
        const frame = Math.floor(frames * (event.clientX - box.left) / box.width);
        video.currentTime = (Math.max(0, Math.min(frames - 1, frame)) + 0.5) / fps;
      };
      for (const row of rows) {
        row.plot.addEventListener('pointerdown', seek);
        row.plot.addEventListener('pointermove', seek);
      }
      traces.classList.add('live');
      show();
    }

    """
}

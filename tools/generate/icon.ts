/** The operator's picture in catalogues: three discs of a database and the arrow of the loop around them. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="database-operator">
<path d="M56 32a24 24 0 1 1-7-17" fill="none" stroke="#2f6fdf" stroke-width="5" stroke-linecap="round"/>
<path d="M50 4v12H38z" fill="#2f6fdf"/>
<g fill="#1d3f7a">
<ellipse cx="32" cy="23" rx="12" ry="4.5"/>
<path d="M20 26.5c0 6 24 6 24 0v5c0 6-24 6-24 0z"/>
<path d="M20 35c0 6 24 6 24 0v5c0 6-24 6-24 0z"/>
</g>
</svg>
`;
